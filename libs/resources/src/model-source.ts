import { z } from 'zod';
import { exactlyOne } from './exactly-one.ts';
import { documented } from './kubernetes-schema.ts';
import { resourceName } from './resource-metadata.ts';

/** A folder or file that is there already. */
const volume = documented(
  z.strictObject({
    claimName: documented(z.exactOptional(resourceName), 'PersistentVolumeClaim in the namespace of the resource, mounted read-only. On a cluster it is needed; on one machine the path is one of its file system.'),
    path: documented(z.string().min(1).max(1024), "Path in the volume, or on one machine, where a relative path starts at the manifest's folder."),
  }),
  'A folder or file that is there already.',
  { rule: 'has(self.claimName)', message: 'volume.claimName is needed on a cluster: the PersistentVolumeClaim that holds the path' },
);

const builtin = documented(resourceName, "A model that comes with the project, by its folder's name under models/.");
const trainingRun = documented(z.strictObject({ name: documented(resourceName, 'Name of a GRMTrainingRun in the same namespace.') }), 'What a training run leaves, once it is complete.');
const objectStore = documented(
  z.strictObject({
    bucket: documented(resourceName, 'Bucket of a NATS object store.'),
    key: documented(z.string().min(1).max(512).regex(/^[A-Za-z0-9_=./-]+$/, 'letters, digits and _ = . / - only'), "Where the model lies in it, as `grmctl model push` or a run's artefacts name it."),
  }),
  'A model in a NATS object store.',
);

const served = documented(z.strictObject({ name: documented(z.string().max(512).regex(/^\S+$/, 'no white space'), 'What the server calls it, such as deepseek-ai/DeepSeek-GRM-27B.') }), 'A model that only its engine\'s server has: nothing of it is mounted, and the server counts its tokens and applies its chat template.');

/** Where a training run starts from. */
export const baseModel = exactlyOne({ builtin, volume, trainingRun, objectStore });

/** What a service serves: a training run's artefact, a model of the project, a Hugging Face folder or .gguf file, or what a server has. */
export const modelSource = exactlyOne({ trainingRun, builtin, volume, objectStore, served });

/**
 * Preference items: nanobench, nanobench with single labelled responses, or a JSONL file with one preference item a line.
 * Training takes a builtin's training split, evaluation its test split.
 */
export const dataset = exactlyOne(
  { builtin: documented(z.enum(['nanobench', 'nanobench-single']), 'Items that are generated: nanobench compares responses, nanobench-single labels single ones.'), volume },
  { name: documented(resourceName, 'What reports call it.') },
);

/** Text: nanobench's own, or `.txt` files and `.jsonl` files with `{"text": ...}` a line, one file or a folder. */
export const corpusSource = exactlyOne({ builtin: documented(z.literal('nanobench'), "nanobench's own text."), volume });

/** Where checkpoints are kept: a folder, or a NATS object store. */
export const checkpointStore = exactlyOne({ volume, objectStore: documented(z.strictObject({ bucket: documented(resourceName, 'Bucket of a NATS object store.') }), 'A NATS object store.') });

/** A file that is there already; a relative path is relative to the manifest's folder. */
export const fileSource = exactlyOne({ volume });

export type BaseModel = z.output<typeof baseModel>;
export type ModelSource = z.output<typeof modelSource>;
export type Dataset = z.output<typeof dataset>;
export type CorpusSource = z.output<typeof corpusSource>;
export type CheckpointStoreSource = z.output<typeof checkpointStore>;
