import { describe, expect, onTestFinished, test } from 'vitest';
import type { Completion, GenerateRequest } from '../engine.ts';
import { GenerationRequestError, ModelUnavailableError, PromptTooLongError } from '../index.ts';
import { EngineServerError } from './engine-server-error.ts';
import { type Asked, llamaCppCompletion, type Reply, type ScriptedServer, scriptedServer, sglangCompletion, vllmCompletion, vllmMetrics, vllmModels } from './scripted-server.fixture.ts';
import { openServerEngine, type ServerEngine, type ServerEngineOptions } from './server-engine.ts';

const nanoJudge = new URL('../../../../models/nano-judge', import.meta.url).pathname;
const nanoMetaRM = new URL('../../../../models/nano-meta-rm', import.meta.url).pathname;
const patience = { timeout: 10_000, interval: 10 };

async function server(...replies: readonly (Reply | ((asked: Asked) => Reply))[]): Promise<ScriptedServer> {
  const scripted = await scriptedServer();
  onTestFinished(() => scripted[Symbol.asyncDispose]());
  scripted.on('/v1/completions', ...(replies.length === 0 ? [{ body: vllmCompletion }] : replies));
  return scripted;
}

async function opened({ url }: ScriptedServer, options: Partial<ServerEngineOptions> = {}): Promise<ServerEngine> {
  const engine = await openServerEngine({ url, dialect: 'VLLM', kind: 'generate', periodMs: 10, ...options });
  onTestFinished(() => engine[Symbol.asyncDispose]());
  return engine;
}

async function all(engine: ServerEngine, request: GenerateRequest, signal?: AbortSignal): Promise<Completion[]> {
  const completions: Completion[] = [];
  for await (const completion of engine.generate(request, signal)) completions.push(completion);
  return completions.toSorted((a, b) => a.prompt - b.prompt || a.sample - b.sample);
}

const request: GenerateRequest = { prompts: [{ text: 'a', samples: [{ seed: 1 }, { seed: 4_294_967_295 }] }, { text: 'b', samples: [{ seed: 3 }] }], temperature: 0.7, maxTokens: 32, stop: ['\n['] };
const one: GenerateRequest = { prompts: [{ text: 'a', samples: [{ seed: 1 }] }], temperature: 0.7, maxTokens: 32 };

describe('an engine on a server', () => {
  test('asks for each sample by itself, with its own seed, and says all that decides what is drawn', async () => {
    const scripted = await server();
    const completions = await all(await opened(scripted), request);
    expect(completions.map(({ prompt, sample }) => [prompt, sample])).toEqual([[0, 0], [0, 1], [1, 0]]);
    expect(completions[0]).toEqual({ prompt: 0, sample: 0, promptTokens: 4, text: '.\n', tokens: [63, 10], logprobs: [-0.4062376916408539, -0.03205834701657295], finishReason: 'stop' });
    const common = { model: 'judge', temperature: 0.7, top_p: 1, max_tokens: 32, stop: ['\n['], stream: false, top_k: -1, min_p: 0, repetition_penalty: 1, logprobs: 0, return_token_ids: true };
    expect(scripted.asked.map(({ body }) => body).toSorted((a, b) => Number(a['seed']) - Number(b['seed']))).toEqual([
      { ...common, prompt: 'a', seed: 1 },
      { ...common, prompt: 'b', seed: 3 },
      { ...common, prompt: 'a', seed: 4_294_967_295 },
    ]);
  });

  test.each([
    ['SGLang', sglangCompletion, { top_k: -1, logprobs: 1, seed: 4_294_967_295 }],
    ['LlamaCpp', llamaCppCompletion, { top_k: 0, repeat_penalty: 1, logprobs: 1, seed: 4_294_967_294 }],
  ] as const)('asks %s in its own way', async (dialect, body, asked) => {
    const scripted = await server({ body });
    await all(await opened(scripted, { dialect }), { ...one, prompts: [{ text: 'a', samples: [{ seed: 4_294_967_295 }] }], topP: 0.9 });
    expect(scripted.asked[0]?.body).toMatchObject({ ...asked, top_p: 0.9 });
    expect(scripted.asked[0]?.body).not.toHaveProperty('return_token_ids');
  });

  test('sends token ids where the model\'s tokenizer is here, and no more tokens than the context has left', async () => {
    const scripted = await server();
    const engine = await opened(scripted, { prompts: nanoJudge });
    const completions = await all(engine, { ...one, maxTokens: 1_000 });
    const { prompt, max_tokens: most } = scripted.asked[0]?.body ?? {};
    expect(prompt).toEqual(expect.arrayContaining([expect.any(Number)]));
    expect(most).toBe(512 - (Array.isArray(prompt) ? prompt.length : 0));
    expect(completions[0]?.promptTokens).toBe(Array.isArray(prompt) ? prompt.length : 0);
    await expect(all(engine, { ...one, prompts: [{ text: 'word '.repeat(600), samples: [{ seed: 1 }] }] })).rejects.toThrow(PromptTooLongError);
    await expect(all(engine, { ...one, maxPromptTokens: 2, prompts: [{ text: 'what is 17 + 25?', samples: [{ seed: 1 }] }] })).rejects.toThrow(PromptTooLongError);
    expect(scripted.asked).toHaveLength(1);
  });

  test('leaves chats to the server\'s own template where it is not here', async () => {
    const scripted = await server();
    const [{ logprobs }] = llamaCppCompletion.choices as [(typeof llamaCppCompletion.choices)[number]];
    scripted.on('/v1/chat/completions', { body: { choices: [{ message: { content: 'yes' }, logprobs, finish_reason: 'stop' }], usage: { prompt_tokens: 31 } } });
    const messages = [{ role: 'user' as const, content: 'well?' }];
    const [completion] = await all(await opened(scripted), { ...one, prompts: [{ messages, samples: [{ seed: 1 }] }] });
    expect(completion).toMatchObject({ text: 'yes', promptTokens: 31 });
    expect(scripted.asked[0]).toMatchObject({ path: '/v1/chat/completions', body: { messages, logprobs: true, seed: 1 } });
  });

  test('sends its key, and never says it', async () => {
    const scripted = await server({ status: 401, body: { error: 'Unauthorized' } });
    const lines: string[] = [];
    const engine = await opened(scripted, { apiKey: 'sesame', report: (line) => lines.push(line) });
    const error = await all(engine, one).catch((cause: unknown) => cause);
    expect(scripted.asked[0]?.headers.authorization).toBe('Bearer sesame');
    expect(String(error)).toMatch(/answered 401: Unauthorized; give its key by engine.openAI.apiKeySecret/u);
    expect([String(error), ...lines].join('\n')).not.toContain('sesame');
  });

  test.each([429, 502, 503])('asks again after an answer %d, no sooner than it is told', async (status) => {
    const scripted = await server({ status, headers: { 'retry-after': '0.2' }, body: { error: { message: 'busy' } } }, { status, body: '' }, { body: vllmCompletion });
    const engine = await opened(scripted);
    expect(await all(engine, one)).toHaveLength(1);
    expect(engine.server.retried).toBe(2);
  });

  test.each([
    ['another error of the server', { status: 500, body: { error: { message: 'EngineDeadError' } } }, /completions answered 500: EngineDeadError/u],
    ['a path that is not there', { status: 404, body: { detail: 'Not Found' } }, /answered 404: Not Found; does the server know this path/u],
    ['a request that it does not take', { status: 400, body: { object: 'error', message: 'logprobs are off', type: 'BadRequestError', code: 400 } }, /answered 400: logprobs are off/u],
    ['text that is no JSON', { body: '{"choices": [{"te' }, /answered with what is not expected: .*JSON.*is it a server of the dialect/u],
    ['JSON that is no completion', { body: { ok: true } }, /answered with what is not expected: .*choices/u],
  ])('says of %s where it came from, and does not ask again', async (_, reply, message) => {
    const scripted = await server(reply);
    const failing = all(await opened(scripted), one);
    await expect(failing).rejects.toThrow(EngineServerError);
    await expect(failing).rejects.toThrow(message);
    await expect(failing).rejects.toThrow(scripted.url);
    expect(scripted.asked).toHaveLength(1);
  });

  test('understands that a prompt is too long for the server', async () => {
    const body = { error: { message: "This model's maximum context length is 512 tokens. However, your prompt contains 600 input tokens", type: 'BadRequestError', code: 400 } };
    await expect(all(await opened(await server({ status: 400, body })), one)).rejects.toThrow('prompt 0 is 600 tokens, of at most 511 tokens');
  });

  test('closes its requests when it is told to stop, and when the caller leaves early', async () => {
    const scripted = await server({});
    const engine = await opened(scripted);
    const leaving = new AbortController();
    const drawing = all(engine, request, leaving.signal);
    await expect.poll(() => scripted.asked.length, patience).toBe(3);
    leaving.abort();
    expect((await drawing).map(({ finishReason, text }) => [finishReason, text])).toEqual([['cancelled', ''], ['cancelled', ''], ['cancelled', '']]);
    await expect.poll(() => scripted.left, patience).toBe(3);
    scripted.on('/v1/completions', (asked) => (asked.body['seed'] === 1 ? { body: vllmCompletion } : {}));
    for await (const completion of engine.generate(request)) {
      expect(completion.sample).toBe(0);
      break;
    }
    await expect.poll(() => scripted.left, patience).toBe(5);
  });

  test('stops the others when one sample fails', async () => {
    const scripted = await server((asked) => (asked.body['seed'] === 3 ? { status: 500, body: { error: 'out of memory' } } : {}));
    await expect(all(await opened(scripted), request)).rejects.toThrow('out of memory');
    await expect.poll(() => scripted.left, patience).toBe(2);
  });

  test('aborted before it begins, throws the reason and asks nothing', async () => {
    const scripted = await server();
    const engine = await opened(scripted);
    await expect(all(engine, one, AbortSignal.abort(new Error('nobody waits')))).rejects.toThrow('nobody waits');
    await expect(all(engine, { ...one, temperature: Number.NaN })).rejects.toThrow(GenerationRequestError);
    expect(scripted.asked).toEqual([]);
  });

  test('has no more requests at once than it may', async () => {
    let now = 0;
    let most = 0;
    const scripted = await server(() => {
      most = Math.max(most, ++now);
      setImmediate(() => now--);
      return { body: vllmCompletion };
    });
    const samples = Array.from({ length: 40 }, (_, seed) => ({ seed }));
    expect(await all(await opened(scripted, { maxConcurrent: 3 }), { ...one, prompts: [{ text: 'a', samples }] })).toHaveLength(40);
    expect(most).toBeLessThanOrEqual(3);
  });

  test('is known by what its server tells of the model, not by when that was started', async () => {
    const [first, again] = [await opened(await server()), await opened(await server())];
    expect(again.info).toEqual(first.info);
    const later = await scriptedServer({ ...vllmModels, data: [{ ...vllmModels.data[0], created: 2 }] });
    const other = await scriptedServer({ ...vllmModels, data: [{ ...vllmModels.data[0], root: '/models/other' }] });
    for (const scripted of [later, other]) onTestFinished(() => scripted[Symbol.asyncDispose]());
    expect((await opened(later)).info.revision).toBe(first.info.revision);
    expect((await opened(other)).info.revision).not.toBe(first.info.revision);
    expect((await opened(await server(), { prompts: nanoJudge })).info.revision).not.toBe(first.info.revision);
  });

  test('says when its server has another model than it had', async () => {
    const scripted = await server();
    const said: string[] = [];
    await opened(scripted, { replaced: (found) => said.push(found) });
    scripted.on('/v1/models', { body: { data: [{ id: 'judge', root: '/models/other' }] } });
    await expect.poll(() => said[0], patience).toMatch(/has another model now: .*\/models\/other/u);
  });

  test('asks which model is meant where there are several', async () => {
    const scripted = await scriptedServer({ data: [{ id: 'a' }, { id: 'b' }] });
    onTestFinished(() => scripted[Symbol.asyncDispose]());
    await expect(opened(scripted)).rejects.toThrow('lists several models (a, b); say which by servedModelName');
    expect((await opened(scripted, { model: 'b' })).info.model).toBe('b');
  });

  test('cannot be opened where the tokenizer that was named is not there', async () => {
    await expect(opened(await server(), { prompts: '/nowhere' })).rejects.toThrow(ModelUnavailableError);
  });

  test('lets no more be begun while its server is gone or too much waits there', async () => {
    const scripted = await server();
    const engine = await opened(scripted, { maxWaiting: 2 });
    const opens = async () => engine.server.opened(AbortSignal.timeout(10_000));
    await opens();
    scripted.on('/metrics', { body: vllmMetrics(3) });
    await expect.poll(() => engine.server.load.waiting, patience).toBe(3);
    const waiting = opens();
    scripted.on('/metrics', { body: vllmMetrics(2) });
    await waiting;
    scripted.on('/health', { status: 503, body: { error: { message: 'Loading model' } } });
    await expect.poll(() => engine.server.problem, patience).toContain('answered 503: Loading model');
    const left = new AbortController();
    const never = engine.server.opened(left.signal);
    left.abort(new Error('stopping'));
    await expect(never).rejects.toThrow('aborted');
    scripted.on('/health', { body: '' });
    await opens();
    expect(engine.server.problem).toBeUndefined();
  });
});

describe('an engine on a server with a scalar head', () => {
  const logitOf = (text: unknown) => (Array.isArray(text) ? text.length : String(text).length) / 10 - 1;
  const sigmoid = (logit: number) => 1 / (1 + Math.exp(-logit));
  const classify =
    (word: string) =>
    ({ body }: Asked): Reply => ({ body: { data: (body['input'] as unknown[]).map((text, index) => ({ index, label: 'sound', probs: [body[word] === false ? logitOf(text) : sigmoid(logitOf(text))], num_classes: 1 })) } });

  test.each(['use_activation', 'activation'])('asks vLLM for the logit by the word that it knows: %s', async (word) => {
    const scripted = await server();
    scripted.on('/classify', classify(word));
    const engine = await opened(scripted, { kind: 'score' });
    const scores = await engine.score([{ text: 'abc' }, { text: 'abcdefghijklmnop' }]);
    expect([...scores].map((score) => score.toFixed(4))).toEqual(['-0.7000', '0.6000']);
    await expect(all(engine, one)).rejects.toThrow(ModelUnavailableError);
  });

  test('does not open where only probabilities are to be had', async () => {
    const scripted = await server();
    scripted.on('/classify', classify('no such word'));
    await expect(opened(scripted, { kind: 'score' })).rejects.toThrow(/gives 0\.3775\d*, and no logit of it/u);
  });

  test('sends many texts at once where they are counted here, and one by one where the server counts', async () => {
    const scripted = await server();
    scripted.on('/classify', classify('use_activation'));
    const texts = Array.from({ length: 70 }, (_, index) => ({ text: `text ${index}` }));
    const here = await opened(scripted, { kind: 'score', prompts: nanoMetaRM });
    const there = await opened(scripted, { kind: 'score' });
    scripted.asked.length = 0;
    expect((await here.score(texts)).every(Number.isFinite)).toBe(true);
    expect(scripted.asked.map(({ body }) => (body['input'] as unknown[]).length).toSorted((a, b) => b - a)).toEqual([32, 32, 6]);
    scripted.asked.length = 0;
    expect(await there.score(texts.slice(0, 3))).toHaveLength(3);
    expect(scripted.asked).toHaveLength(3);
    await expect(here.score([{ text: 'a' }, { text: 'word '.repeat(600) }])).rejects.toMatchObject({ prompt: 1, limit: 512 });
  });

  test('names the text that the server finds too long', async () => {
    const scripted = await server();
    const refused = { status: 400, body: { error: { message: "This model's maximum context length is 512 tokens. However, your prompt contains 600 input tokens", code: 400 } } };
    scripted.on('/classify', (asked) => (asked.body['input'] as unknown[])[0] === 'long' ? refused : classify('use_activation')(asked));
    await expect((await opened(scripted, { kind: 'score' })).score([{ text: 'a' }, { text: 'long' }])).rejects.toMatchObject({ name: 'PromptTooLongError', prompt: 1, size: 600, limit: 512 });
  });

  test.each(['SGLang', 'LlamaCpp'] as const)('reads the only number of an embedding of %s', async (dialect) => {
    const scripted = await server();
    scripted.on('/v1/embeddings', ({ body }) => ({ body: { data: (body['input'] as unknown[]).map((text, index) => ({ index, object: 'embedding', embedding: [logitOf(text)] })) } }));
    const engine = await opened(scripted, { kind: 'score', dialect });
    expect([...(await engine.score([{ text: 'abcdefghijklmnop' }]))][0]).toBeCloseTo(0.6);
    expect(scripted.asked.at(-1)?.body).toEqual({ model: 'judge', input: ['abcdefghijklmnop'], ...(dialect === 'LlamaCpp' ? { embd_normalize: -1 } : {}) });
  });

  test('scores no chat whose template is not here', async () => {
    const scripted = await server();
    scripted.on('/classify', classify('use_activation'));
    await expect((await opened(scripted, { kind: 'score' })).score([{ messages: [{ role: 'user', content: 'a' }] }])).rejects.toThrow('which no server scores');
  });
});
