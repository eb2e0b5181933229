import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ZodError } from 'zod';
import { parseCompletion } from './parse-completion.ts';
import { parseModels } from './parse-models.ts';
import { parseScores } from './parse-scores.ts';
import { parseServerError } from './parse-server-error.ts';
import { llamaCppCompletion, sglangCompletion, vllmCompletion, vllmMetrics, vllmModels } from './scripted-server.fixture.ts';
import { parseServerLoad } from './server-load.ts';

describe('a completion', () => {
  test.each([
    ['vLLM', vllmCompletion, { text: '.\n', promptTokens: 4, tokens: [63, 10], logprobs: [-0.4062376916408539, -0.03205834701657295], finishReason: 'stop' }],
    ['SGLang', sglangCompletion, { text: ' ok', promptTokens: 4, tokens: [-1, -1], logprobs: [-0.5, -9999], finishReason: 'stop' }],
    ['llama.cpp', llamaCppCompletion, { text: "Pour l'", promptTokens: 18, tokens: [64, 461, 32648], logprobs: [-5.6247382164001465, -0.9442678093910217, -5.964621067047119], finishReason: 'length' }],
  ])('of %s is read with its tokens', (_, answer, completion) => {
    expect(parseCompletion(answer)).toEqual(completion);
  });

  test('of a chat is read as that of a text, and may say nothing', () => {
    const [{ logprobs }] = llamaCppCompletion.choices as [(typeof llamaCppCompletion.choices)[number]];
    const chat = (content: string | null) => ({ choices: [{ message: { role: 'assistant', content }, logprobs, finish_reason: 'stop' }], usage: { prompt_tokens: 3 } });
    expect(parseCompletion(chat('yes'))).toMatchObject({ text: 'yes', tokens: [64, 461, 32648], promptTokens: 3 });
    expect(parseCompletion(chat(null)).text).toBe('');
  });

  const [choice] = vllmCompletion.choices;
  test.each([
    ['without log-probabilities', { ...vllmCompletion, choices: [{ ...choice, logprobs: null }] }, 'logprobs'],
    ['that the server gave up', { ...vllmCompletion, choices: [{ ...choice, finish_reason: 'abort' }] }, 'the server gave up'],
    ['without a choice', { ...vllmCompletion, choices: [] }, 'choices'],
    ['with more choices than one', { ...vllmCompletion, choices: [choice, choice] }, 'choices'],
    ['without usage', { choices: vllmCompletion.choices }, 'usage'],
    ['that is none', 'oops', 'Invalid'],
  ])('%s is refused', (_, answer, said) => {
    expect(() => parseCompletion(answer)).toThrow(ZodError);
    expect(() => parseCompletion(answer)).toThrow(said);
  });

  test('of any server, changed anywhere, is read whole or refused', () => {
    const answers = fc.constantFrom<unknown>(vllmCompletion, sglangCompletion, llamaCppCompletion);
    fc.assert(
      fc.property(answers, fc.array(fc.nat(40), { maxLength: 8 }), fc.jsonValue(), (answer, way, value) => {
        const read = attempt(() => parseCompletion(changed(answer, way, value))) ?? parseCompletion(answer);
        expect(read.tokens).toHaveLength(read.logprobs.length);
        expect(read.logprobs.every(Number.isFinite)).toBe(true);
        expect(typeof read.text).toBe('string');
        expect(Number.isInteger(read.promptTokens)).toBe(true);
      }),
      { seed: 6, numRuns: 2000 },
    );
  });
});

describe('scores', () => {
  const classified = { data: [{ index: 1, label: 'sound', probs: [-2.27], num_classes: 1 }, { index: 0, label: 'sound', probs: [-2.67], num_classes: 1 }] };
  const embedded = { data: [{ index: 0, embedding: [1.5], object: 'embedding' }] };

  test('are read in the order of the texts, whatever that of the answer', () => {
    expect(parseScores(classified, '/classify', 2)).toEqual([-2.67, -2.27]);
    expect(parseScores(embedded, '/v1/embeddings', 1)).toEqual([1.5]);
  });

  test.each([
    ['of a model with several classes', { data: [{ index: 0, probs: [0.1, 0.9] }] }, '/classify', 1, 'no scalar head'],
    ['that are an embedding', { data: [{ index: 0, embedding: [0.1, 0.2, 0.3] }] }, '/v1/embeddings', 1, 'no scalar head'],
    ['of too few texts', classified, '/classify', 3, '2 numbers for 3 texts'],
    ['of too many', classified, '/classify', 1, '2 numbers for 1 texts'],
    ['that are no numbers', { data: [{ index: 0, probs: [null] }] }, '/classify', 1, 'expected number'],
  ] as const)('%s are refused', (_, answer, path, count, said) => {
    expect(() => parseScores(answer, path, count)).toThrow(said);
  });

  test('changed anywhere are read whole or refused', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { maxLength: 6 }), fc.jsonValue(), (way, value) => {
        const read = attempt(() => parseScores(changed(classified, way, value), '/classify', 2)) ?? [1, 1];
        expect(read.map(Number.isFinite)).toEqual([true, true]);
      }),
      { seed: 6, numRuns: 1000 },
    );
  });
});

describe('models', () => {
  test('tell their context, and what they are besides their name', () => {
    const llamaCpp = { models: [], object: 'list', data: [{ id: 'smol', created: 1, owned_by: 'llamacpp', meta: { vocab_type: 2, n_ctx: 4096, n_ctx_train: 8192, n_params: 134515008, size: 96576768 } }] };
    expect(parseModels(llamaCpp)).toEqual([{ id: 'smol', contextLength: 4096, identity: ['smol', null, 134515008, 96576768] }]);
    expect(parseModels(vllmModels)).toEqual([{ id: 'judge', contextLength: 512, identity: ['judge', '/models/nano-judge', null, null] }]);
    expect(parseModels({ data: [{ id: 'any' }] })).toEqual([{ id: 'any', contextLength: undefined, identity: ['any', null, null, null] }]);
  });
});

describe('what a server says of an error', () => {
  const vllm = { error: { message: "This model's maximum context length is 512 tokens. However, your prompt contains 600 input tokens, which exceeds this limit even without any output tokens. (parameter=input_tokens, value=600)", type: 'BadRequestError', param: 'input_tokens', code: 400 } };
  const llamaCpp = { error: { code: 400, message: 'request (6001 tokens) exceeds the available context size (4096 tokens), try increasing it', type: 'exceed_context_size_error', n_prompt_tokens: 6001, n_ctx: 4096 } };
  const sglang = { object: 'error', message: 'The input (700 tokens) is longer than the model\'s context length (512 tokens).', type: 'BadRequestError', param: null, code: 400 };

  test.each([
    ['vLLM', vllm, 600, 512],
    ['llama.cpp', llamaCpp, 6001, 4096],
    ['SGLang', sglang, 700, 512],
  ])('that a prompt is too long is understood of %s', (_, body, promptTokens, contextLength) => {
    expect(parseServerError(JSON.stringify(body))).toMatchObject({ tooLong: true, promptTokens, contextLength });
  });

  test.each([
    ['{"detail":"Not Found"}', 'Not Found'],
    ['{"detail":[{"loc":["body"],"msg":"no"}]}', '[{"loc":["body"],"msg":"no"}]'],
    ['{"error":"overloaded"}', 'overloaded'],
    ['<html><body><h1>502 Bad Gateway</h1></body></html>', '502 Bad Gateway'],
    ['', ''],
  ])('%j is read as %j', (body, message) => {
    expect(parseServerError(body)).toMatchObject({ message, tooLong: false });
  });

  test('is never an error of ours, and never long', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.jsonValue().map((value) => JSON.stringify(value)), fc.string().map((message) => JSON.stringify({ error: { message } }))), (body) => {
        expect(parseServerError(body).message.length).toBeLessThan(600);
      }),
      { seed: 6, numRuns: 1000 },
    );
    expect(parseServerError('x'.repeat(10_000)).message).toHaveLength(504);
  });
});

describe('the load of a server', () => {
  test('is read by the names of its kind, several engines together', () => {
    expect(parseServerLoad(vllmMetrics(4), 'VLLM')).toEqual({ running: 1, waiting: 4, cacheUsage: 0.25, promptTokens: 33, generatedTokens: 244 });
    const two = `${vllmMetrics(4)}vllm:num_requests_waiting{engine="1",model_name="a b} 9"} 3\nvllm:kv_cache_usage_perc{engine="1"} 0.75\n`;
    expect(parseServerLoad(two, 'VLLM')).toMatchObject({ waiting: 7, cacheUsage: 0.75 });
    expect(parseServerLoad('sglang:num_running_reqs{tp_rank="0"} 2.0\nsglang:num_queue_reqs{tp_rank="0"} 5.0 1795722141000\nsglang:token_usage 0.1\n', 'SGLang')).toEqual({ running: 2, waiting: 5, cacheUsage: 0.1 });
    expect(parseServerLoad('llamacpp:requests_processing 2\nllamacpp:requests_deferred 1\nllamacpp:tokens_predicted_total NaN\n', 'LlamaCpp')).toEqual({ running: 2, waiting: 1 });
  });

  test('is empty of what tells none', () => {
    fc.assert(fc.property(fc.string(), (text) => Object.keys(parseServerLoad(text, 'VLLM')).length === 0), { seed: 6 });
    expect(parseServerLoad(vllmMetrics(4), 'LlamaCpp')).toEqual({});
  });
});

/** What was read; undefined where it was refused as parsers refuse. Any other error is thrown on. */
function attempt<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ZodError) return undefined;
    throw error;
  }
}

/** The value with another one at the place to which the way leads; a step names a field or element by its number. */
function changed(value: unknown, [step, ...rest]: readonly number[], other: unknown): unknown {
  if (step === undefined || typeof value !== 'object' || value === null) return other;
  const keys = Object.keys(value);
  const key = keys[step % Math.max(1, keys.length)];
  const entries = Object.entries(value).map(([name, inner]) => [name, name === key ? changed(inner, rest, other) : inner] as const);
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}
