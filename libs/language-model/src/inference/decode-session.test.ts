import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { referenceLogProbabilities } from '../testing/reference-decoder.ts';
import { smallModel, type SmallModel } from '../testing/small-model.ts';
import { trainTokenizer } from '../tokenizer/train-tokenizer.ts';
import { createDecodeSession, type DecodeSession } from './decode-session.ts';
import type { Generated, GenerationRequest } from './generation.ts';
import { PromptTooLongError } from './prompt-too-long-error.ts';

const shortPrompt = [5, 6, 7];
const longPrompt = [9, 10, 11, 12, 13, 14, 15, 16, 17];

async function generated(session: DecodeSession, request: GenerationRequest, signal?: AbortSignal): Promise<Generated[]> {
  const all: Generated[] = [];
  for await (const one of session.generate(request, signal)) all.push(one);
  return all.toSorted((a, b) => a.prompt - b.prompt || a.sample - b.sample);
}

/** Largest difference between reported log-probabilities and those of the whole sequence computed afresh. */
function worstLogProbability({ config, tensors }: SmallModel, prompt: readonly number[], { tokens, logprobs }: Generated): number {
  const reference = referenceLogProbabilities(config, tensors, [...prompt, ...tokens]);
  const differences = tokens.map((token, i) => Math.abs((logprobs[i] ?? 0) - (reference[prompt.length - 1 + i]?.[token] ?? 0)));
  return Math.max(...differences);
}

describe.each([
  ['Llama', {}],
  ['Llama with tied embeddings and wide heads', { tie_word_embeddings: true, head_dim: 16 }],
  ['Llama with as many key as query heads', { num_key_value_heads: 4 }],
  ['Llama with a large vocabulary', { vocab_size: 2100 }],
  ['Qwen2', { model_type: 'qwen2' }],
  ['Qwen3', { model_type: 'qwen3', head_dim: 16 }],
])('decoding with %s', (_, changes) => {
  const model = smallModel(changes);
  let session: DecodeSession;
  beforeAll(async () => {
    session = await createDecodeSession({ model, block: 5 });
  });
  afterAll(() => session[Symbol.asyncDispose]());

  test('gives the tokens and log-probabilities of the whole sequence computed afresh at every step', async () => {
    const [one] = await generated(session, { prompts: [{ prompt: shortPrompt, seeds: [1] }], temperature: 0, maxTokens: 17 });
    const sequence = [...shortPrompt];
    const expected: number[] = [];
    while (expected.length < 17 && expected.at(-1) !== 0) {
      const last = referenceLogProbabilities(model.config, model.tensors, sequence).at(-1) ?? new Float64Array(0);
      expected.push(last.indexOf(Math.max(...last)));
      sequence.push(expected.at(-1) ?? 0);
    }
    expect(one?.tokens).toEqual(expected);
    expect(worstLogProbability(model, shortPrompt, one ?? never())).toBeLessThan(1e-4);
  });

  test('reads prompts of several lengths and samples at once without one touching another', async () => {
    const request = { temperature: 1, maxTokens: 24 };
    const prompts = [
      { prompt: shortPrompt, seeds: [1, 2, 3] },
      { prompt: longPrompt, seeds: [4] },
    ];
    const together = await generated(session, { ...request, prompts });
    expect(together).toHaveLength(4);
    for (const one of together) {
      const { prompt, seeds } = prompts[one.prompt] ?? never();
      expect(worstLogProbability(model, prompt, one)).toBeLessThan(1e-4);
      const [alone] = await generated(session, { ...request, prompts: [{ prompt, seeds: [seeds[one.sample] ?? 0] }] });
      expect(one.tokens).toEqual(alone?.tokens);
      expect(one.logprobs.map((value, i) => Math.abs(value - (alone?.logprobs[i] ?? 0)) < 1e-4)).not.toContain(false);
    }
  });
});

describe('decoding', () => {
  const model = smallModel();
  const tokenizer = trainTokenizer([], { specialTokens: ['<eos>'], vocabularySize: 267 });
  const worded = { ...smallModel({ vocab_size: 267 }), tokenizer };
  let session: DecodeSession;
  let wordedSession: DecodeSession;
  beforeAll(async () => {
    session = await createDecodeSession({ model, block: 4 });
    wordedSession = await createDecodeSession({ model: worded, block: 4 });
  });
  afterAll(async () => {
    await session[Symbol.asyncDispose]();
    await wordedSession[Symbol.asyncDispose]();
  });
  const many = (count: number) => Array.from({ length: count }, (_, seed) => seed);

  test('gives equal completions for equal requests, and others for other seeds', async () => {
    const request = { prompts: [{ prompt: shortPrompt, seeds: many(6) }], temperature: 1, maxTokens: 20 };
    const first = await generated(session, request);
    expect(await generated(session, request)).toEqual(first);
    expect(new Set(first.map(({ tokens }) => tokens.join())).size).toBe(6);
  });

  test('gives the same completions wherever blocks end', async () => {
    await using other = await createDecodeSession({ model, block: 7 });
    const request = { prompts: [{ prompt: shortPrompt, seeds: many(6) }], temperature: 1, maxTokens: 20 };
    const tokens = async (of: DecodeSession) => (await generated(of, request)).map((one) => one.tokens);
    expect(await tokens(other)).toEqual(await tokens(session));
  });

  test('ends a completion at a stop token, which it keeps, or at the limit', async () => {
    const all = await generated(session, { prompts: [{ prompt: shortPrompt, seeds: many(40) }], temperature: 1, maxTokens: 30 });
    const stopped = all.filter(({ finishReason }) => finishReason === 'stop');
    const cut = all.filter(({ finishReason }) => finishReason === 'length');
    expect(stopped.length).toBeGreaterThan(0);
    expect(cut.length).toBeGreaterThan(0);
    expect(stopped.every(({ tokens }) => tokens.indexOf(0) === tokens.length - 1)).toBe(true);
    expect(cut.every(({ tokens }) => tokens.length === 30 && !tokens.includes(0))).toBe(true);
    expect(all.every(({ tokens, logprobs }) => tokens.length === logprobs.length)).toBe(true);
  });

  test('ends a completion at the end of the context', async () => {
    const prompt = Array.from({ length: 90 }, (_, i) => 1 + (i % 60));
    const [one] = await generated(session, { prompts: [{ prompt, seeds: [3] }], temperature: 0, maxTokens: 50 });
    expect(one).toMatchObject({ finishReason: 'length' });
    expect(one?.tokens).toHaveLength(6);
    expect(worstLogProbability(model, prompt, one ?? never())).toBeLessThan(1e-4);
  });

  test.each([
    ['the model as it is', 1],
    ['a colder model', 0.5],
    ['a hotter model', 2],
  ])('draws tokens as often as %s would', async (_, temperature) => {
    const all = await generated(session, { prompts: [{ prompt: shortPrompt, seeds: many(4000) }], temperature, maxTokens: 1 });
    const expected = tempered(model, temperature);
    const observed = new Float64Array(expected.length);
    for (const { tokens } of all) observed[tokens[0] ?? 0] = (observed[tokens[0] ?? 0] ?? 0) + 1;
    const chiSquare = expected.reduce((sum, p, token) => sum + ((observed[token] ?? 0) - 4000 * p) ** 2 / (4000 * p), 0);
    // 69 degrees of freedom: beyond 120 once in ten thousand seeds
    expect(chiSquare).toBeLessThan(120);
  });

  test('keeps to the smallest set of tokens that holds top-p', async () => {
    const all = await generated(session, { prompts: [{ prompt: shortPrompt, seeds: many(800) }], temperature: 1, topP: 0.5, maxTokens: 1 });
    const ranked = [...tempered(model, 1)].map((p, token) => ({ p, token })).toSorted((a, b) => b.p - a.p);
    let mass = 0;
    const nucleus = new Set<number>();
    for (const { p, token } of ranked) {
      if (mass >= 0.5) break;
      nucleus.add(token);
      mass += p;
    }
    expect(new Set(all.map(({ tokens }) => tokens[0]))).toEqual(nucleus);
  });

  test('ends a completion before a stop string, wherever blocks end', async () => {
    const prompt = { text: 'abc' };
    const request = { prompts: [{ prompt, seeds: many(4) }], temperature: 1, maxTokens: 20 };
    const [free] = await generated(wordedSession, request);
    const text = free?.text ?? '';
    const stop = text.slice(5, 6);
    const [stopped] = await generated(wordedSession, { ...request, stop: [stop] });
    expect(stopped?.finishReason).toBe('stop');
    expect(stopped?.text).toBe(text.slice(0, text.indexOf(stop)));
    expect(free?.tokens.slice(0, stopped?.tokens.length)).toEqual(stopped?.tokens);
  });

  test('cancelled from the start, gives every completion as cancelled', async () => {
    const request = { prompts: [{ prompt: shortPrompt, seeds: many(3) }], temperature: 1, maxTokens: 20 };
    const all = await generated(session, request, AbortSignal.abort());
    expect(all.map(({ finishReason }) => finishReason)).toEqual(['cancelled', 'cancelled', 'cancelled']);
  });

  test('cancelled on the way, ends within a block and gives what there is', async () => {
    const cancelling = new AbortController();
    const request = { prompts: [{ prompt: shortPrompt, seeds: many(200) }], temperature: 1, maxTokens: 90 };
    const all: Generated[] = [];
    for await (const one of session.generate(request, cancelling.signal)) {
      all.push(one);
      cancelling.abort();
    }
    expect(all).toHaveLength(200);
    const cancelled = all.filter(({ finishReason }) => finishReason === 'cancelled');
    expect(cancelled.length).toBeGreaterThan(0);
    expect(cancelled.every(({ tokens }) => tokens.length > 0 && tokens.length < 90)).toBe(true);
  });

  test('left in the middle, is free for the next request', async () => {
    const request = { prompts: [{ prompt: shortPrompt, seeds: many(50) }], temperature: 1, maxTokens: 60 };
    for await (const one of session.generate(request)) if (one.tokens.length > 0) break;
    expect(await generated(session, { ...request, maxTokens: 2 })).toHaveLength(50);
  });

  test.each([
    ['temperature', { temperature: Number.NaN }],
    ['topP', { topP: 0 }],
    ['maxTokens', { maxTokens: 0 }],
    ['maxPromptTokens', { maxPromptTokens: 0 }],
    ['stop', { stop: [''] }],
    ['prompts', { prompts: [] }],
    ['prompts[0].seeds', { prompts: [{ prompt: shortPrompt, seeds: [-1] }] }],
    ['prompts[0]', { prompts: [{ prompt: [], seeds: [1] }] }],
    ['prompts[0]', { prompts: [{ prompt: [70], seeds: [1] }] }],
  ])('refuses a request with a wrong %s: %j', async (field, change) => {
    const request = { prompts: [{ prompt: shortPrompt, seeds: [1] }], temperature: 1, maxTokens: 4, ...change };
    await expect(generated(session, request)).rejects.toMatchObject({ name: 'GenerationRequestError', field });
  });

  test('refuses a prompt that leaves no room in the context, by its size', async () => {
    const prompt = new Array<number>(96).fill(5);
    const request = { prompts: [{ prompt: shortPrompt, seeds: [1] }, { prompt, seeds: [1] }], temperature: 1, maxTokens: 4 };
    const refused = generated(session, request);
    await expect(refused).rejects.toThrow(PromptTooLongError);
    await expect(refused).rejects.toMatchObject({ prompt: 1, size: 96, unit: 'tokens', limit: 95 });
  });

  test('refuses a prompt over the limit of the request, and does not encode one far over it', async () => {
    const request = (text: string) => ({ prompts: [{ prompt: { text }, seeds: [1] }], temperature: 1, maxTokens: 4, maxPromptTokens: 10 });
    expect(await generated(wordedSession, request('ten tokens'))).toMatchObject([{ promptTokens: 10 }]);
    await expect(generated(wordedSession, request('x'.repeat(11)))).rejects.toMatchObject({ prompt: 0, size: 11, unit: 'tokens', limit: 10 });
    await expect(generated(wordedSession, request('x'.repeat(641)))).rejects.toMatchObject({ size: 641, unit: 'bytes', limit: 10 });
  });

  test('closed while it computes, ends what it is at and leaves this process alone', async () => {
    const request = { prompts: [{ prompt: shortPrompt, seeds: Array.from({ length: 64 }, (_, seed) => seed) }], temperature: 1, maxTokens: 90 };
    for (let round = 0; round < 8; round++) {
      const closing = await createDecodeSession({ model });
      const asked = generated(closing, request);
      // Somewhere in the middle of a step: no two rounds stop at the same instruction.
      await Promise.all([expect(asked).rejects.toThrow('the model was closed'), delay(1 + round).then(() => closing[Symbol.asyncDispose]())]);
    }
  });

  test('after closing, refuses with the reason', async () => {
    const closing = await createDecodeSession({ model });
    await closing[Symbol.asyncDispose]();
    const request = { prompts: [{ prompt: shortPrompt, seeds: [1] }], temperature: 1, maxTokens: 4 };
    await expect(generated(closing, request)).rejects.toThrow('the model was closed');
  });
});

describe('a decode session given other weights', () => {
  const [model, other] = [smallModel(), smallModel({}, 21)];
  const request = { prompts: [{ prompt: shortPrompt, seeds: [1, 2, 3] }], temperature: 1, maxTokens: 20 };

  test.each(['fp32', 'int8'] as const)('answers as one opened with them, in %s', async (weights) => {
    await using session = await createDecodeSession({ model, weights });
    await using opened = await createDecodeSession({ model: other, weights });
    const before = await generated(session, request);
    await session.replaceWeights(other.tensors);
    const after = await generated(session, request);
    expect(after).toEqual(await generated(opened, request));
    expect(after).not.toEqual(before);
  });

  test('answers what was asked before by the old ones', async () => {
    await using session = await createDecodeSession({ model });
    const long = { ...request, prompts: [{ prompt: shortPrompt, seeds: Array.from({ length: 40 }, (_, seed) => seed) }], maxTokens: 60 };
    const expected = await generated(session, long);
    const [before, , after] = await Promise.all([generated(session, long), session.replaceWeights(other.tensors), generated(session, long)]);
    expect(before).toEqual(expected);
    expect(after).not.toEqual(expected);
  });

  test('refuses those that do not fit by the name of the tensor, and keeps the old ones', async () => {
    await using session = await createDecodeSession({ model });
    const before = await generated(session, request);
    const misshapen = new Map(other.tensors).set('model.norm.weight', { shape: [3], data: new Float32Array(3) });
    const lacking = new Map(other.tensors);
    lacking.delete('lm_head.weight');
    await expect(session.replaceWeights(misshapen)).rejects.toThrow('new weights: tensor "model.norm.weight": has shape [3]');
    await expect(session.replaceWeights(lacking)).rejects.toThrow('new weights: tensor "lm_head.weight": is missing');
    expect(await generated(session, request)).toEqual(before);
  });

  test('after closing, refuses them', async () => {
    const session = await createDecodeSession({ model });
    await session[Symbol.asyncDispose]();
    await expect(session.replaceWeights(other.tensors)).rejects.toThrow('the model was closed');
  });
});

/** The first token's distribution after the short prompt. */
function tempered({ config, tensors }: SmallModel, temperature: number): Float64Array {
  const logs = referenceLogProbabilities(config, tensors, shortPrompt).at(-1) ?? new Float64Array(0);
  const scaled = logs.map((value) => Math.exp(value / temperature));
  const total = scaled.reduce((sum, value) => sum + value, 0);
  return scaled.map((value) => value / total);
}

function never(): never {
  throw new Error('no such completion');
}
