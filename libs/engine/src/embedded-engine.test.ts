import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { initialTensors, loadCheckpoint, parseConfig, saveCheckpoint, trainTokenizer, WeightsError } from '@grm/language-model';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openEmbeddedEngine, type EmbeddedEngine, type EmbeddedEngineOptions } from './embedded-engine.ts';
import { EngineBusyError } from './engine-busy-error.ts';
import type { Completion, Engine, GenerateRequest } from './engine.ts';
import { GenerationRequestError, PromptTooLongError } from './index.ts';
import { ModelUnavailableError } from './model-unavailable-error.ts';

let folder = '';
const paths = () => ({ writer: join(folder, 'writer'), scorer: join(folder, 'scorer'), broken: join(folder, 'broken') });

async function saveModel(path: string, architecture: string, chatTemplate?: string): Promise<void> {
  const tokenizer = trainTokenizer([], { specialTokens: ['<eos>'], vocabularySize: 267 });
  const config = parseConfig({
    architectures: [architecture],
    model_type: 'llama',
    vocab_size: 267,
    hidden_size: 32,
    intermediate_size: 64,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    max_position_embeddings: 128,
    eos_token_id: 0,
  });
  const tensors = initialTensors(config, 1).set('score.weight', { shape: [1, 32], data: new Float32Array(32).fill(0.1) });
  await saveCheckpoint(path, { config, tensors, tokenizer, chatTemplate });
}

async function all(engine: Engine, request: GenerateRequest, signal?: AbortSignal): Promise<Completion[]> {
  const completions: Completion[] = [];
  for await (const completion of engine.generate(request, signal)) completions.push(completion);
  return completions.toSorted((a, b) => a.prompt - b.prompt || a.sample - b.sample);
}

const samples = (count: number, first = 0) => Array.from({ length: count }, (_, i) => ({ seed: first + i }));
const request: GenerateRequest = {
  prompts: [
    { text: 'which is best?', samples: samples(3) },
    { text: 'and of these, which?', samples: samples(2, 100) },
  ],
  temperature: 1,
  maxTokens: 24,
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'grm-engine-'));
  await saveModel(paths().writer, 'LlamaForCausalLM');
  await saveModel(paths().scorer, 'LlamaForSequenceClassification');
  await saveModel(paths().broken, 'LlamaForCausalLM');
  await writeFile(join(paths().broken, 'model.safetensors'), 'not weights');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('an embedded engine', () => {
  let engine: Engine;
  let pair: Engine;
  beforeAll(async () => {
    engine = await openEmbeddedEngine({ model: paths().writer, kind: 'generate', maxWaiting: 2 });
    pair = await openEmbeddedEngine({ model: paths().writer, kind: 'generate', workers: 2 });
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    await pair[Symbol.asyncDispose]();
  });

  test('says which model it serves', () => {
    expect(engine.info).toEqual({ model: 'writer', revision: expect.stringMatching(/^sha256:[0-9a-f]{64}$/), contextLength: 128 });
  });

  test('goes by the name that it is given', async () => {
    await using named = await openEmbeddedEngine({ model: paths().writer, kind: 'generate', name: 'nano' });
    expect(named.info.model).toBe('nano');
  });

  test('gives a completion for every sample of every prompt', async () => {
    const completions = await all(engine, request);
    expect(completions.map(({ prompt, sample }) => [prompt, sample])).toEqual([[0, 0], [0, 1], [0, 2], [1, 0], [1, 1]]);
    expect(completions.map(({ promptTokens }) => promptTokens)).toEqual([14, 14, 14, 20, 20]);
    expect(completions.every(({ tokens, logprobs, text }) => tokens.length === logprobs.length && typeof text === 'string')).toBe(true);
  });

  test('gives the same completions whatever else runs, and on any worker', async () => {
    const alone = await all(engine, request);
    const other = { ...request, prompts: [{ text: 'something else', samples: samples(9) }] };
    const [first, , second] = await Promise.all([all(pair, request), all(pair, other), all(pair, request)]);
    expect(first).toEqual(alone);
    expect(second).toEqual(alone);
  });

  test('refuses at once what is more than may wait', async () => {
    const running = [0, 1, 2].map(() => all(engine, { ...request, maxTokens: 60 }));
    await expect(all(engine, request)).rejects.toThrow(EngineBusyError);
    expect((await Promise.all(running)).map((completions) => completions.length)).toEqual([5, 5, 5]);
  });

  test('cancelled, gives what there is as cancelled', async () => {
    const cancelling = new AbortController();
    const many = { ...request, prompts: [{ text: 'go on', samples: samples(100) }], maxTokens: 100 };
    const completions: Completion[] = [];
    for await (const completion of engine.generate(many, cancelling.signal)) {
      completions.push(completion);
      cancelling.abort();
    }
    expect(completions).toHaveLength(100);
    expect(completions.some(({ finishReason }) => finishReason === 'cancelled')).toBe(true);
  });

  test('cancelled while it waits for a worker, throws the reason', async () => {
    const running = all(engine, { ...request, maxTokens: 60 });
    const reason = new Error('the caller left');
    const leaving = new AbortController();
    const waiting = all(engine, request, leaving.signal);
    leaving.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await running;
  });

  test('refuses what a caller can mend by its own error', async () => {
    const long = { ...request, prompts: [{ text: 'x'.repeat(200), samples: samples(1) }] };
    await expect(all(engine, long)).rejects.toThrow(PromptTooLongError);
    await expect(all(engine, { ...request, temperature: Number.NaN })).rejects.toThrow(GenerationRequestError);
  });

  test('opened to generate, does not score', async () => {
    await expect(engine.score([{ text: 'text' }])).rejects.toThrow(ModelUnavailableError);
  });
});

/** Opens an engine; `threads` are the worker threads that it has started so far. */
async function watched(options: EmbeddedEngineOptions): Promise<{ engine: EmbeddedEngine; threads: Worker[] }> {
  const threads: Worker[] = [];
  const watch = (thread: Worker) => threads.push(thread);
  process.on('worker', watch);
  onTestFinished(() => void process.off('worker', watch));
  const engine = await openEmbeddedEngine(options);
  onTestFinished(() => engine[Symbol.asyncDispose]());
  return { engine, threads };
}

describe('an embedded engine whose worker thread dies', () => {
  test('fails what ran there, and answers the next request on a new one as before', async () => {
    const { engine, threads } = await watched({ model: paths().writer, kind: 'generate' });
    const before = await all(engine, request);
    const running = all(engine, { ...request, prompts: [{ text: 'go on', samples: samples(100) }], maxTokens: 100 });
    await threads[0]?.terminate();
    await expect(running).rejects.toThrow(ModelUnavailableError);
    expect(await all(engine, request)).toEqual(before);
    expect(threads).toHaveLength(2);
  });

  test('goes on with all its workers', async () => {
    const { engine, threads } = await watched({ model: paths().writer, kind: 'generate', workers: 2 });
    await threads[0]?.terminate();
    const answers = await Promise.all(Array.from({ length: 6 }, () => all(engine, request)));
    expect(answers.map((completions) => completions.length)).toEqual([5, 5, 5, 5, 5, 5]);
    expect(threads).toHaveLength(3);
  });

  test('says each time that the model is out of service while no new one can be opened', async () => {
    const model = join(folder, 'vanishing');
    await saveModel(model, 'LlamaForCausalLM');
    const { engine, threads } = await watched({ model, kind: 'generate' });
    await threads[0]?.terminate();
    await rename(model, `${model}-away`);
    await expect(all(engine, request)).rejects.toThrow(ModelUnavailableError);
    await expect(all(engine, request)).rejects.toThrow(/cannot be read/);
    await rename(`${model}-away`, model);
    expect(await all(engine, request)).toHaveLength(5);
  });

  test('does not go on with other weights than it says', async () => {
    const model = join(folder, 'changing');
    await saveModel(model, 'LlamaForCausalLM');
    const { engine, threads } = await watched({ model, kind: 'generate' });
    await threads[0]?.terminate();
    const config = join(model, 'config.json');
    await writeFile(config, `${await readFile(config, 'utf8')} `);
    await expect(all(engine, request)).rejects.toThrow(/files have changed/);
  });
});

/** The writer's model in memory, with weights drawn anew. */
async function named(seed: number) {
  const { config, tokenizer } = await loadCheckpoint(paths().writer);
  return { config, tokenizer: tokenizer.json, tensors: initialTensors(config, seed), name: 'policy', revision: `step ${seed}` };
}

describe('an embedded engine on a model in memory', () => {
  test('goes by its name and revision', async () => {
    await using engine = await openEmbeddedEngine({ model: await named(5), kind: 'generate' });
    expect(engine.info).toEqual({ model: 'policy', revision: 'step 5', contextLength: 128 });
  });

  test('answers as one on the files of the same model', async () => {
    const model = await named(5);
    const path = join(folder, 'saved');
    await saveCheckpoint(path, model);
    await using inMemory = await openEmbeddedEngine({ model, kind: 'generate' });
    await using onFiles = await openEmbeddedEngine({ model: path, kind: 'generate' });
    expect(await all(inMemory, request)).toEqual(await all(onFiles, request));
  });

  test('is refused by its name where its tensors do not fit', async () => {
    const opening = openEmbeddedEngine({ model: { ...(await named(5)), tensors: new Map() }, kind: 'generate' });
    await expect(opening).rejects.toThrow(/model policy: .*model.embed_tokens.weight/);
  });
});

describe('an embedded engine given other weights', () => {
  test.each([1, 2])('answers as one opened on them, with %d workers, and says so', async (workers) => {
    const [first, second] = [await named(5), await named(6)];
    const { engine, threads } = await watched({ model: first, kind: 'generate', workers });
    await using opened = await openEmbeddedEngine({ model: second, kind: 'generate' });
    const before = await all(engine, request);
    await engine.replaceWeights(second);
    expect(engine.info).toEqual({ model: 'policy', revision: 'step 6', contextLength: 128 });
    const [after, again] = await Promise.all([all(engine, request), all(engine, request)]);
    expect(after).toEqual(await all(opened, request));
    expect(again).toEqual(after);
    expect(after).not.toEqual(before);
    expect(threads).toHaveLength(workers + 1);
  });

  test('answers by the old ones what was asked before, and by the new ones what was asked after', async () => {
    const second = await named(6);
    const { engine } = await watched({ model: await named(5), kind: 'generate', workers: 2 });
    await using opened = await openEmbeddedEngine({ model: second, kind: 'generate' });
    const expected = [await all(engine, request), await all(opened, request)];
    const asked = [1, 2, 3].map(() => all(engine, request));
    const replacing = engine.replaceWeights(second);
    const later = [1, 2, 3].map(() => all(engine, request));
    expect(await Promise.all(asked)).toEqual([expected[0], expected[0], expected[0]]);
    await replacing;
    expect(await Promise.all(later)).toEqual([expected[1], expected[1], expected[1]]);
  });

  test.each(['in memory', 'on files'])('comes up with the newest ones after a worker has died, opened on a model %s', async (where) => {
    const second = await named(6);
    const { engine, threads } = await watched({ model: where === 'on files' ? paths().writer : await named(5), kind: 'generate' });
    await engine.replaceWeights(await named(7));
    await engine.replaceWeights(second);
    const before = await all(engine, request);
    await threads[0]?.terminate();
    expect(await all(engine, request)).toEqual(before);
    await threads[1]?.terminate();
    await engine.replaceWeights(await named(8));
    await engine.replaceWeights(second);
    expect(await all(engine, request)).toEqual(before);
    expect(threads).toHaveLength(3);
  });

  test('refuses those that do not fit, and goes on with the old ones', async () => {
    const { engine } = await watched({ model: await named(5), kind: 'generate' });
    const before = await all(engine, request);
    const refused = engine.replaceWeights({ tensors: new Map(), revision: 'step 9' });
    await expect(refused).rejects.toThrow(WeightsError);
    await expect(refused).rejects.toThrow(/weights of revision step 9: tensor "model.embed_tokens.weight": is missing/);
    expect(engine.info.revision).toBe('step 5');
    expect(await all(engine, request)).toEqual(before);
  });

  test('once closed, refuses them', async () => {
    const engine = await openEmbeddedEngine({ model: await named(5), kind: 'generate' });
    await engine[Symbol.asyncDispose]();
    await expect(engine.replaceWeights(await named(6))).rejects.toThrow(/the engine was closed/);
  });
});

describe('an embedded engine with a chat model', () => {
  test('wraps messages in its template, and gives their number of tokens', async () => {
    const model = join(folder, 'chat');
    await saveModel(model, 'LlamaForCausalLM', "{{ '<eos>' + messages[0].content + '<eos>' }}");
    await using engine = await openEmbeddedEngine({ model, kind: 'generate' });
    const prompts = [{ messages: [{ role: 'user' as const, content: 'ab<eos>' }], samples: samples(1) }];
    expect(await all(engine, { ...request, prompts })).toMatchObject([{ promptTokens: 1 + 'ab<eos>'.length + 1 }]);
  });
});

describe('an embedded engine with a scalar head', () => {
  test('scores texts in their order', async () => {
    await using engine = await openEmbeddedEngine({ model: paths().scorer, kind: 'score' });
    const [first, second, again] = await engine.score([{ text: 'one text' }, { text: 'another' }, { text: 'one text' }]);
    expect(Number.isFinite(first)).toBe(true);
    expect(first).toBe(again);
    expect(first).not.toBe(second);
    await expect(all(engine, request)).rejects.toThrow(ModelUnavailableError);
  });
});

describe('an engine whose model', () => {
  test.each([
    ['is not there', 'nowhere', 'generate', /cannot be read/],
    ['has corrupt weights', 'broken', 'generate', /model.safetensors/],
    ['has no scalar head', 'writer', 'score', /cannot score/],
    ['has no language head', 'scorer', 'generate', /scalar head/],
  ] as const)('%s is refused with the cause', async (_, name, kind, message) => {
    const opening = openEmbeddedEngine({ model: join(folder, name), kind });
    await expect(opening).rejects.toThrow(ModelUnavailableError);
    await expect(opening).rejects.toThrow(message);
  });

  test('is corrupt keeps the typed cause', async () => {
    await expect(openEmbeddedEngine({ model: paths().broken, kind: 'generate' })).rejects.toHaveProperty('cause', expect.any(WeightsError));
  });
});
