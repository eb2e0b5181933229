import { describe, expect, it } from 'vitest';
import { smallModel } from '../testing/small-model.ts';
import type { WeightTensor } from '../weights/weight-tensor.ts';
import { createTrainingSession } from './create-training-session.ts';
import { TrainingInputError } from './training-input-error.ts';
import type { RolloutRow, TrainingOptions } from './training-session.ts';

const { config, tensors } = smallModel({ vocab_size: 16, max_position_embeddings: 32 });

const optionsOf = (overrides: Partial<TrainingOptions<'policyGradient'>> = {}): TrainingOptions<'policyGradient'> => ({
  config,
  tensors,
  objective: 'policyGradient',
  policyGradient: { clip: 0.2, klCoefficient: 0.1 },
  threads: 1,
  ...overrides,
});

const prompt = [3, 7, 5, 2];

/** A completion of a few tokens after the prompt. */
function rollout(completion: readonly number[], advantage: number, old?: (index: number) => number): RolloutRow {
  const tokens = [...prompt, ...completion];
  const weights = tokens.map((_, index) => (index < prompt.length ? 0 : 1 / completion.length));
  return { tokens, weights, advantage, ...(old === undefined ? {} : { oldLogProbabilities: tokens.map((_, index) => old(index)) }) };
}

const group = [rollout([4, 9, 1], 1), rollout([6, 6, 8, 10, 1], -1), rollout([11, 1], 0.5), rollout([5, 4, 3, 2], -0.5)];

async function stepped(rows: readonly RolloutRow[], overrides: Partial<TrainingOptions<'policyGradient'>> = {}, steps = 1) {
  await using session = await createTrainingSession(optionsOf(overrides));
  const step = () => session.step({ microBatches: [rows], learningRates: { adamW: 1e-3 } });
  const first = await step();
  let last = first;
  for (let count = 1; count < steps; count++) last = await step();
  return { first, last, tensors: await session.exportTensors() };
}

const largestDifference = (left: ReadonlyMap<string, WeightTensor>, right: ReadonlyMap<string, WeightTensor>): number =>
  Math.max(
    ...[...left].map(([name, { data }]) => data.reduce((most, value, index) => Math.max(most, Math.abs(value - (right.get(name)?.data[index] ?? NaN))), 0)),
  );

describe('a policy gradient step', () => {
  it("has a ratio of exactly 1 and no divergence on the policy's own rollouts, before anything is learnt", async () => {
    const { first } = await stepped(group);
    expect(first.metrics['ratio']).toBe(1);
    expect(first.metrics['clipped']).toBe(0);
    expect(Math.abs(first.metrics['kl'] ?? NaN)).toBeLessThan(1e-6);
    expect(first.loss).toBeCloseTo(0, 6);
    expect(first.gradientNorm).toBeGreaterThan(0.01);
  });

  it('makes what was rewarded likelier and what was punished less likely', async () => {
    const probabilities = async (model: ReadonlyMap<string, WeightTensor>) => {
      await using scorer = await createTrainingSession({ config, tensors: model, objective: 'crossEntropy', threads: 1 });
      const nats: number[] = [];
      for (const row of group.slice(0, 2)) nats.push((await scorer.step({ microBatches: [[row]], learningRates: { adamW: 0 } })).loss);
      return nats;
    };
    const [rewardedBefore = NaN, punishedBefore = NaN] = await probabilities(tensors);
    const { tensors: learnt } = await stepped(group, {}, 5);
    const [rewarded, punished] = await probabilities(learnt);
    expect(rewarded).toBeLessThan(rewardedBefore - 0.05);
    expect(punished).toBeGreaterThan(punishedBefore + 0.05);
  });

  it('does not read what the older policy gave tokens without weight', async () => {
    const rows = (onPrompt: number) =>
      group.map((row) => ({ ...row, oldLogProbabilities: Array.from(row.weights, (weight) => (weight === 0 ? onPrompt : -2.5)) }));
    const [one, other] = [await stepped(rows(-1)), await stepped(rows(NaN))];
    expect(one.first.loss).toBe(other.first.loss);
    expect(largestDifference(one.tensors, other.tensors)).toBe(0);
    expect(largestDifference(one.tensors, tensors)).toBeGreaterThan(0);
  });

  it('leaves every weight as it is where no completion has an advantage and nothing is penalised', async () => {
    const rows = group.map((row) => ({ ...row, advantage: 0 }));
    const { first, tensors: after } = await stepped(rows, { policyGradient: { clip: 0.2, klCoefficient: 0 } }, 3);
    expect(first).toMatchObject({ loss: 0, gradientNorm: 0 });
    expect(largestDifference(after, tensors)).toBe(0);
  });

  it('weighs the rows alike, however they are spread over micro-batches', async () => {
    await using whole = await createTrainingSession(optionsOf());
    await using parts = await createTrainingSession(optionsOf());
    const learningRates = { adamW: 1e-3 };
    const one = await whole.step({ microBatches: [group], learningRates, normalizer: 8 });
    const other = await parts.step({ microBatches: [group.slice(0, 1), group.slice(1)], learningRates, normalizer: 8 });
    expect({ ...other, milliseconds: 0 }).toEqual({ ...one, milliseconds: 0 });
  });
});

describe('the reference model of a policy gradient', () => {
  it('is the model that the session starts from, and stays what it was', async () => {
    const { last } = await stepped(group, {}, 5);
    expect(last.metrics['kl']).toBeGreaterThan(1e-3);
    expect(last.metrics['ratio']).toBe(1);
  });

  it('pulls the policy to itself where it is another', async () => {
    const { tensors: reference } = smallModel({ vocab_size: 16, max_position_embeddings: 32 }, 11);
    const rows = group.map((row) => ({ ...row, advantage: 0 }));
    const { first, last } = await stepped(rows, { reference }, 20);
    expect(first.metrics['kl']).toBeGreaterThan(0.02);
    expect(last.metrics['kl']).toBeLessThan(0.8 * (first.metrics['kl'] ?? NaN));
  });

  it('is the same after a session goes on from an exported state', async () => {
    const step = { microBatches: [group], learningRates: { adamW: 1e-3 } };
    await using first = await createTrainingSession(optionsOf());
    for (let count = 0; count < 3; count++) await first.step(step);
    await using second = await createTrainingSession(optionsOf());
    await second.importState(await first.exportState());
    const [one, other] = [await first.step(step), await second.step(step)];
    expect({ ...other, milliseconds: 0 }).toEqual({ ...one, milliseconds: 0 });
    expect(one.metrics['kl']).toBeGreaterThan(1e-4);
  });

  it('is not run where nothing is penalised, unless its divergence is asked for', async () => {
    const free = { clip: 0.2, klCoefficient: 0 };
    const { last, tensors: without } = await stepped(group, { policyGradient: free }, 3);
    const { last: reported, tensors: learnt } = await stepped(group, { policyGradient: { ...free, reportKl: true } }, 3);
    expect(Object.keys(last.metrics).toSorted()).toEqual(['clipped', 'ratio']);
    expect(reported.metrics['kl']).toBeGreaterThan(1e-4);
    expect(largestDifference(learnt, without)).toBeLessThan(1e-5);
  });
});

describe('a policy gradient session refuses', () => {
  it.each([
    ['an advantage that is no number', { ...rollout([1], 1), advantage: NaN }, /row 0 of micro-batch 0 has advantage NaN/],
    ['old log-probabilities of another length', { ...rollout([1], 1), oldLogProbabilities: [-1] }, /1 old log-probabilities for 5 tokens/],
    ['an old log-probability that is no number', rollout([1], 1, () => NaN), /old log-probability NaN at 4/],
    ['a negative weight', { ...rollout([1], 1), weights: [0, 0, 0, 0, -1] }, /weight -1 at 4/],
  ] satisfies [string, RolloutRow, RegExp][])('%s', async (_, row, message) => {
    await using session = await createTrainingSession(optionsOf());
    const refused = session.step({ microBatches: [[row]], learningRates: { adamW: 1 } });
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toBeInstanceOf(TrainingInputError);
  });

  it.each([
    ['a clip of 0', { policyGradient: { clip: 0, klCoefficient: 0 } }, /clip is 0/],
    ['a negative penalty', { policyGradient: { clip: 0.2, klCoefficient: -1 } }, /klCoefficient is -1/],
    ['a reference that lacks a tensor', { reference: new Map() }, /reference tensor 'model.embed_tokens.weight' is missing/],
    ['a scalar head', { config: { ...config, head: 'scalar' } }, /policyGradient trains a language head/],
  ] satisfies [string, Partial<TrainingOptions<'policyGradient'>>, RegExp][])('%s', async (_, changes, message) => {
    await expect(createTrainingSession(optionsOf(changes))).rejects.toThrow(message);
  });

  it('to open without its clip and penalty', async () => {
    const { policyGradient: _, ...options } = optionsOf();
    await expect(createTrainingSession(options)).rejects.toThrow(/needs its clip and klCoefficient/);
  });
});
