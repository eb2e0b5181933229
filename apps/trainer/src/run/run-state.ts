import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type GRMTrainingRun, trainedSpec } from '@grm/resources';
import { z } from 'zod';
import { RunFolderError } from './run-folder-error.ts';
import { stageNames, type StageName } from './stage.ts';

/** What a run's folder remembers, so that a restarted run goes on where it was. */
const runState = z.strictObject({
  /** SHA-256 of what the run trains; another run's folder is not touched. */
  spec: z.string(),
  done: z.array(z.enum(stageNames)),
  /** Revision of the policy that they have left in its place, null where it is the run's base; absent of a run that an earlier version has begun. */
  policy: z.exactOptional(z.nullable(z.string())),
});
export type RunState = z.infer<typeof runState>;

const fileName = 'run-state.json';

/** What two runs must share to share a folder: everything that changes what is trained. */
export function specDigest({ spec }: GRMTrainingRun): string {
  return createHash('sha256').update(JSON.stringify(trainedSpec(spec))).digest('hex');
}

/** @throws {RunFolderError} the folder holds another run, or a state that cannot be read */
export async function readRunState(folder: string, spec: string): Promise<RunState> {
  const file = join(folder, fileName);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return { spec, done: [], policy: null };
  let state: RunState;
  try {
    state = runState.parse(JSON.parse(text));
  } catch (cause) {
    throw new RunFolderError(folder, `${fileName} cannot be read; remove the folder to start the run anew`, { cause });
  }
  if (state.spec !== spec) throw new RunFolderError(folder, 'holds another run; give this run a folder of its own, or remove this one');
  return state;
}

/** Remembers one more stage as done. @param policy revision of the policy that there is now, null where it is the run's base */
export async function stageDone(folder: string, state: RunState, stage: StageName, policy: string | null): Promise<RunState> {
  const next = { ...state, done: [...state.done, stage], policy };
  const file = join(folder, fileName);
  await writeFile(`${file}.partial`, `${JSON.stringify(next)}\n`);
  await rename(`${file}.partial`, file);
  return next;
}
