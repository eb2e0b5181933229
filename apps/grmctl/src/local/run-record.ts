import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type GRMTrainingRun, trainedSpec } from '@grm/resources';
import { z } from 'zod';
import { readJsonFile, writeJsonFile } from '../files/json-file.ts';

const VERSION = 2;

/** One of another version counts for nothing: the trainer knows by itself what has been done in its folder. */
const runRecord = z.object({
  version: z.literal(VERSION),
  /** What the run was made from; see `runDigest`. */
  digest: z.string(),
  state: z.enum(['started', 'complete']),
  /** ISO 8601. */
  at: z.string(),
});
export type RunRecord = z.output<typeof runRecord>;

const FILE = 'local-run.json';

/** Remembers in a run's folder what was trained there, so that applying the same run again does nothing. */
export const runRecords = {
  read: (runFolder: string): Promise<RunRecord | undefined> => readJsonFile(join(runFolder, FILE), runRecord),
  write: (runFolder: string, digest: string, state: RunRecord['state']): Promise<void> =>
    writeJsonFile(join(runFolder, FILE), { version: VERSION, digest, state, at: new Date().toISOString() } satisfies RunRecord),
  clear: (runFolder: string): Promise<void> => rm(runFolder, { recursive: true, force: true }),
};

/** Changes when what the run's manifest trains, or a file that it starts from, changes. */
export function runDigest({ spec }: GRMTrainingRun, inputs: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(trainedSpec(spec)));
  for (const input of inputs.toSorted()) hash.update(JSON.stringify([input, ...stampsOf(input)]));
  return `sha256:${hash.digest('hex')}`;
}

/** Name, size and time of every file: enough to notice a change without reading gigabytes. */
function stampsOf(path: string): string[] {
  const stamp = (file: string) => {
    const { size, mtimeMs } = statSync(file);
    return `${size}@${mtimeMs}`;
  };
  if (!statSync(path).isDirectory()) return [stamp(path)];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => `${name}:${stamp(join(path, name))}`)
    .toSorted();
}
