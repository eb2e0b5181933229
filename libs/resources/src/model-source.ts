import { z } from 'zod';
import { exactlyOne } from './exactly-one.ts';
import { resourceName } from './resource-metadata.ts';

/** A folder or file that is there already; a relative path is relative to the manifest's folder. */
const volume = z.strictObject({ path: z.string().min(1) });

/** A model that comes with the project, by its folder's name under `models/`. */
const builtin = resourceName;

/** Where a training run starts from. */
export const baseModel = exactlyOne({ builtin, volume });

/** What a service serves: a training run's artefact, a model of the project, or a Hugging Face folder or .gguf file. */
export const modelSource = exactlyOne({ trainingRun: z.strictObject({ name: resourceName }), builtin, volume });

/**
 * Preference items: nanobench, nanobench with single labelled responses, or a JSONL file with one preference item a line.
 * Training takes a builtin's training split, evaluation its test split.
 */
export const dataset = exactlyOne({ builtin: z.enum(['nanobench', 'nanobench-single']), volume }, { name: resourceName });

/** Text: nanobench's own, or `.txt` files and `.jsonl` files with `{"text": ...}` a line, one file or a folder. */
export const corpusSource = exactlyOne({ builtin: z.literal('nanobench'), volume });

/** Where checkpoints are kept: a folder, or a NATS object store. */
export const checkpointStore = exactlyOne({ volume, objectStore: z.strictObject({ bucket: resourceName }) });

/** A file that is there already; a relative path is relative to the manifest's folder. */
export const fileSource = exactlyOne({ volume });

export type BaseModel = z.output<typeof baseModel>;
export type ModelSource = z.output<typeof modelSource>;
export type Dataset = z.output<typeof dataset>;
export type CorpusSource = z.output<typeof corpusSource>;
export type CheckpointStoreSource = z.output<typeof checkpointStore>;
