import { describe, expect, it } from 'vitest';
import { parseConfig } from '../config/parse-config.ts';
import { packBatch } from './pack-batch.ts';

const config = parseConfig({
  model_type: 'llama',
  architectures: ['LlamaForCausalLM'],
  vocab_size: 100,
  hidden_size: 8,
  intermediate_size: 8,
  num_hidden_layers: 1,
  num_attention_heads: 1,
  num_key_value_heads: 1,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  max_position_embeddings: 600,
  tie_word_embeddings: false,
});

const row = (tokens: readonly number[], weights: readonly number[]) => ({ tokens, weights });

describe('a packed batch', () => {
  it('predicts each token from those before it, longest rows first, padding not read', () => {
    const batch = packBatch(config, 'crossEntropy', {
      microBatches: [[row([1, 2], [9, 1]), row([3, 4, 5], [9, 0.5, 0.25])]],
      learningRates: { adamW: 1 },
    });
    expect(batch.integers).toEqual({
      tokens: BigInt64Array.of(3n, 4n, 1n, 0n),
      offsets: BigInt64Array.of(0n, 4n),
      rows: BigInt64Array.of(2n),
      positions: BigInt64Array.of(0n, 1n, 2n),
      positionOffsets: BigInt64Array.of(0n, 3n),
      targets: BigInt64Array.of(4n, 5n, 2n),
    });
    expect(batch.numbers).toEqual({ weights: Float32Array.of(0.5, 0.25, 1) });
    expect(batch).toMatchObject({ normalizer: 1.75, tokens: 5, paddedTokens: 4 });
  });

  it('keeps labels and positions with their rows', () => {
    const batch = packBatch({ ...config, head: 'scalar' }, 'binaryCrossEntropy', {
      microBatches: [[{ tokens: [1], label: 0 }, { tokens: [2, 3, 4], label: 1, position: 1, weight: 3 }], [{ tokens: [5, 6], label: 1 }]],
      learningRates: { adamW: 1 },
    });
    expect(batch.integers).toEqual({
      tokens: BigInt64Array.of(2n, 3n, 5n, 6n, 1n, 0n),
      offsets: BigInt64Array.of(0n, 6n),
      rows: BigInt64Array.of(3n),
      positions: BigInt64Array.of(1n, 3n, 4n),
      positionOffsets: BigInt64Array.of(0n, 3n),
    });
    expect(batch.numbers).toEqual({ labels: Float32Array.of(1, 1, 0), weights: Float32Array.of(3, 1, 1) });
    expect(batch.normalizer).toBe(5);
  });

  it('leaves out what no loss depends on: rows without weight, and what follows the last token that has one', () => {
    const rows = [row([1, 2, 3, 4, 5], [0, 0, 1, 0, 0]), row([6, 7, 8], [1, 0, 0]), row([9, 10, 11], [0, 0, 2])];
    const batch = packBatch(config, 'crossEntropy', { microBatches: [rows], learningRates: { adamW: 1 } });
    expect(batch.integers).toMatchObject({
      tokens: BigInt64Array.of(1n, 2n, 9n, 10n),
      positions: BigInt64Array.of(1n, 3n),
      targets: BigInt64Array.of(3n, 11n),
    });
    expect(batch).toMatchObject({ tokens: 11, paddedTokens: 4, normalizer: 3 });
  });

  it("keeps a completion's advantage with each of its tokens, NaN where the policy in training drew them", () => {
    const rollout = { ...row([1, 2, 3, 4], [0, 0, 0.5, 0.5]), advantage: -2 };
    const older = { ...row([5, 6, 7], [0, 0, 1]), advantage: 1, oldLogProbabilities: [NaN, NaN, -0.25] };
    const batch = packBatch(config, 'policyGradient', { microBatches: [[rollout], [older]], learningRates: { adamW: 1 } });
    expect(batch.integers).toMatchObject({ positions: BigInt64Array.of(1n, 2n, 4n), targets: BigInt64Array.of(3n, 4n, 7n) });
    expect(batch.numbers).toEqual({
      weights: Float32Array.of(0.5, 0.5, 1),
      advantages: Float32Array.of(-2, -2, 1),
      oldLogProbabilities: Float32Array.of(NaN, NaN, -0.25),
    });
  });

  it('cuts many rows into pieces of at most 1,024 padded tokens, a longer row alone', () => {
    const long = (length: number) => row(Array.from({ length }, () => 7), Array.from({ length }, () => 1));
    const microBatches = [[...Array.from({ length: 9 }, () => long(200)), long(600), long(10)]];
    const batch = packBatch(config, 'crossEntropy', { microBatches, learningRates: { adamW: 1 } });
    expect(batch.integers['rows']).toEqual(BigInt64Array.of(1n, 5n, 5n));
    expect(batch.paddedTokens).toBe(599 + 5 * 199 + 5 * 199);
  });
});
