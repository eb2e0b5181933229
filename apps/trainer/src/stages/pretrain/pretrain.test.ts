import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTrainingSession, loadCheckpoint, TrainingDivergedError } from '@grm/language-model';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunEvent } from '../../progress/run-event.ts';
import { StageDivergedError } from '../../run/stage-diverged-error.ts';
import { runFolder, tinyModel, tinyRun, trained } from '../../testing/tiny-run.ts';

const run = tinyRun(`${tinyModel}\n  stages: {pretrain: {corpus: {builtin: nanobench}, tokens: 60000, warmupSteps: 5}}`);
const advances = (events: readonly RunEvent[]) => events.flatMap((event) => (event.type === 'stage-advanced' ? [event] : []));

let folder: string;
let result: Awaited<ReturnType<typeof trained>>;

beforeAll(async () => {
  folder = await runFolder();
  result = await trained(run, folder);
}, 300_000);

/** Goes on from the policy of the run above, which spares training a tokenizer. */
const furtherRun = () =>
  tinyRun(`base: {volume: {path: ${join(folder, 'artifacts', 'policy')}}}\n  stages: {pretrain: {corpus: {builtin: nanobench}, tokens: 60000, warmupSteps: 5}}`);

describe('the stage pretrain', () => {
  it('learns: the loss falls', () => {
    expect(result.outcome).toBe('Complete');
    const losses = advances(result.events).map(({ metrics }) => metrics['loss'] ?? Number.NaN);
    expect(losses.length).toBeGreaterThanOrEqual(3);
    expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) - 0.3);
  });

  it('saves a policy that opens, in bf16, with a tokenizer that knows the template', async () => {
    const policy = await loadCheckpoint(join(folder, 'artifacts', 'policy'));
    expect(policy.config).toMatchObject({ modelType: 'llama', head: 'language', hiddenSize: 16, maxPositions: 256, tiedEmbeddings: false });
    expect(policy.tokenizer.encode('\n[Judge]')).toHaveLength(1);
    const head = policy.tensors.get('lm_head.weight');
    const bits = new Uint32Array(head?.data.buffer ?? new ArrayBuffer(0));
    expect(bits.length).toBeGreaterThan(0);
    expect(bits.every((word) => (word & 0xffff) === 0)).toBe(true);
    expect(await readdir(join(folder, 'checkpoints')).catch(() => [])).toEqual([]);
  });

  it('names the artefact and its digest', () => {
    const saved = result.events.find((event) => event.type === 'artifact-saved');
    expect(saved).toMatchObject({ name: 'policy', digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/u) });
  });

  it('is not gone through again by a run that is started anew', async () => {
    const again = await trained(run, folder, {
      createTrainingSession: () => Promise.reject(new Error('trained again')),
    });
    expect(again.outcome).toBe('Complete');
  });
});

const policyBytes = (run: string): Promise<Buffer> => readFile(join(run, 'artifacts', 'policy', 'model.safetensors'));

it('a run that is stopped saves, goes on from there, and ends with the same weights as one that was left alone', async () => {
  const [whole, own] = [await runFolder(), await runFolder()];
  expect((await trained(furtherRun(), whole)).outcome).toBe('Complete');
  const first = await trained(furtherRun(), own, {}, (event, stop) => {
    if (event.type === 'stage-advanced') stop.abort();
  });
  expect(first.outcome).toBe('Suspended');
  expect(first.events.filter((event) => event.type === 'checkpoint-saved')).toHaveLength(1);
  expect(existsSync(join(own, 'artifacts', 'policy'))).toBe(false);
  const second = await trained(furtherRun(), own);
  expect(second.outcome).toBe('Complete');
  expect(advances(second.events)[0]?.step).toBeGreaterThan(advances(first.events).at(-1)?.step ?? Infinity);
  expect(await policyBytes(own)).toEqual(await policyBytes(whole));
});

it('a loss that is no number stops the run, names the step and keeps the last checkpoint', async () => {
  const own = await runFolder();
  const broken: typeof createTrainingSession = async (options, signal) => {
    const session = await createTrainingSession(options, signal);
    const step = session.step.bind(session);
    let steps = 0;
    session.step = (batch) => ((steps += 1) === 15 ? Promise.reject(new TrainingDivergedError(Number.NaN, Infinity)) : step(batch));
    return session;
  };
  const saving = { ...furtherRun() };
  saving.spec.checkpoint.everySteps = 10;
  const { outcome, events } = await trained(saving, own, { createTrainingSession: broken });
  expect(outcome).toBeInstanceOf(StageDivergedError);
  expect(outcome).toMatchObject({ stage: 'pretrain', step: 15, message: expect.stringContaining('at step 15') });
  expect(events.at(-1)).toMatchObject({ type: 'run-finished', phase: 'Failed', message: expect.stringContaining('at step 15') });
  expect(events.filter((event) => event.type === 'checkpoint-saved').at(-1)).toMatchObject({ step: 10 });
  expect((await trained(saving, own)).outcome).toBe('Complete');
});
