import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RunProgress } from '@grm/protocol';
import { z } from 'zod';
import type { RunRecord, StepLine } from './training-history.ts';

/** A line of `metrics.jsonl` that tells of a step. */
const stepLine = z.looseObject({ stage: z.string(), step: z.number() });
/** Of the clock, and no part of what was learnt. */
const ofTheClock: ReadonlySet<string> = new Set(['stage', 'step', 'tokensPerSecond']);

/** Whether a measurement is of a step of the optimiser or of the policy; while a stage draws it counts requests instead, from 0 as well. */
const isStep = (line: object): boolean => !('drawnRequests' in line);

/** What a run has left in its folder. */
export async function readRunRecord(folder: string): Promise<RunRecord> {
  const text = await readFile(join(folder, 'metrics.jsonl'), 'utf8');
  const lines = text.split('\n').flatMap((line) => (line === '' ? [] : stepLineOf(line)));
  const { progress } = z.object({ progress: RunProgress }).parse(JSON.parse(await readFile(join(folder, 'progress.json'), 'utf8')));
  const digests = Object.entries(progress.artifacts ?? {}).map(([name, { digest }]) => [name, digest] as const);
  return { lines, digests: Object.fromEntries(digests) };
}

function stepLineOf(text: string): StepLine[] {
  const line = stepLine.safeParse(JSON.parse(text));
  if (!line.success || !isStep(line.data)) return [];
  const { stage, step } = line.data;
  return [{ stage, step, values: JSON.stringify(Object.fromEntries(Object.entries(line.data).filter(([name]) => !ofTheClock.has(name)))) }];
}
