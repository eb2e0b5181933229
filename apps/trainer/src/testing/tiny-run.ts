import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTrainingSession } from '@grm/language-model';
import { parseManifests, type GRMTrainingRun } from '@grm/resources';
import { folderCheckpointStore } from '../checkpoints/folder-checkpoint-store.ts';
import { RunJournal } from '../progress/run-journal.ts';
import type { ProgressSink, RunEvent } from '../progress/run-event.ts';
import type { StageTools } from '../run/stage.ts';
import { stages } from '../run/stages.ts';
import { trainRun, type RunOutcome } from '../run/training-run.ts';

/** A run of a model small enough for a test. */
export function tinyRun(spec: string): GRMTrainingRun {
  const [run] = parseManifests(`
apiVersion: grm.dev/v1alpha1
kind: GRMTrainingRun
metadata: {name: tiny}
spec:
  data: [{name: pairs, builtin: nanobench}]
  engine: {embedded: {threads: 1}}
  ${spec}
`, 'tiny.yaml');
  if (run?.kind !== 'GRMTrainingRun') throw new Error('not a training run');
  return run;
}

export const tinyModel = 'model: {hiddenSize: 16, layers: 1, heads: 2, intermediateSize: 32, vocabularySize: 1200, contextLength: 256}';

export const runFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'run-'));

/** Tools that train for real and have no engine, but for what a test gives. */
export const toolsWith = (given: Partial<StageTools>): StageTools => ({
  createTrainingSession,
  openEngine: () => Promise.reject(new Error('no engine in this test')),
  openRollouts: () => Promise.reject(new Error('nobody draws in this test')),
  ...given,
});

/** Trains and gives every event; `onEvent` may stop the run. */
export async function trained(
  run: GRMTrainingRun,
  folder: string,
  given: Partial<StageTools> = {},
  onEvent: (event: RunEvent, stop: AbortController) => void = () => undefined,
): Promise<{ readonly events: RunEvent[]; readonly outcome: RunOutcome | Error }> {
  const events: RunEvent[] = [];
  const stop = new AbortController();
  const sink: ProgressSink = {
    accept: (event) => {
      events.push(event);
      onEvent(event, stop);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  await using journal = new RunJournal(stages.map(({ name }) => name), [sink]);
  const outcome = await trainRun({ run, folder, stages, checkpoints: folderCheckpointStore(join(folder, 'checkpoints')), journal, tools: toolsWith(given), stop: stop.signal }).catch((error: unknown) => {
    if (error instanceof Error) return error;
    throw error;
  });
  return { events, outcome };
}
