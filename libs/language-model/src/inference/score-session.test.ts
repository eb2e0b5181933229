import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ModelConfigError } from '../config/model-config-error.ts';
import { referenceStates } from '../testing/reference-decoder.ts';
import { smallModel } from '../testing/small-model.ts';
import { createDecodeSession } from './decode-session.ts';
import { PromptTooLongError } from './prompt-too-long-error.ts';
import { createScoreSession, type ScoreSession } from './score-session.ts';

describe.each([
  ['narrow heads', {}],
  ['heads that the fused attention takes', { head_dim: 16 }],
])('scoring with %s', (_, changes) => {
  const model = smallModel({ ...changes, architectures: ['LlamaForSequenceClassification'] });
  let session: ScoreSession;
  beforeAll(async () => {
    session = await createScoreSession({ model });
  });
  afterAll(() => session[Symbol.asyncDispose]());

  const texts = [[5, 6, 7], [8], Array.from({ length: 96 }, (__, i) => 1 + (i % 60)), [5, 6, 7]];

  test('gives the head at the last token of each text, whatever is scored beside it', async () => {
    const head = model.tensors.get('score.weight')?.data ?? new Float32Array(0);
    const scores = await session.score(texts);
    const expected = texts.map((text) => {
      const last = referenceStates(model.config, model.tensors, text).at(-1) ?? new Float64Array(0);
      return last.reduce((sum, value, i) => sum + value * (head[i] ?? 0), 0);
    });
    expect(scores.map((score, i) => Math.abs(score - (expected[i] ?? 0)))).toSatisfy((differences: Float32Array) => Math.max(...differences) < 1e-4);
    expect(scores[0]).toBe(scores[3]);
    expect(new Set(scores).size).toBe(3);
  });

  test('gives nothing for nothing', async () => {
    expect(await session.score([])).toHaveLength(0);
  });

  test('refuses a text longer than the context', async () => {
    await expect(session.score([[1], new Array<number>(97).fill(1)])).rejects.toThrow(PromptTooLongError);
  });

  test('stops with the reason of the abort', async () => {
    const reason = new Error('enough');
    await expect(session.score(texts, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

test('given other weights, a session scores as one opened with them', async () => {
  const scalar = { architectures: ['LlamaForSequenceClassification'] };
  const [model, other] = [smallModel(scalar), smallModel(scalar, 21)];
  await using session = await createScoreSession({ model });
  await using opened = await createScoreSession({ model: other });
  const before = await session.score([[5, 6, 7]]);
  await session.replaceWeights(other.tensors);
  expect(await session.score([[5, 6, 7]])).toEqual(await opened.score([[5, 6, 7]]));
  expect(await session.score([[5, 6, 7]])).not.toEqual(before);
});

test('a model opened for what its head cannot do is refused', async () => {
  await expect(createScoreSession({ model: smallModel() })).rejects.toThrow(ModelConfigError);
  const scalar = smallModel({ architectures: ['LlamaForSequenceClassification'] });
  await expect(createDecodeSession({ model: scalar })).rejects.toThrow(/scalar head/);
});
