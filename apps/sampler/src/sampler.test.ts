import { type EngineServer, EngineServerError, ModelUnavailableError, PromptTooLongError } from '@grm/engine';
import { headerNames, SampleResult, type SampleTask, WriteResult, type WriteTask } from '@grm/protocol';
import { JetStreamWorkStrategy, type RunningService, startService } from '@grm/service-kit';
import { type ServiceGround, serviceGround, startNatsServer, type TestNatsServer } from '@grm/service-kit/testing';
import { orderOf, templateByName } from '@grm/spct';
import { jetstream } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeEngine } from './fake-engine.ts';
import { SamplerModule } from './sampler.module.ts';

const patience = { timeout: 10_000, interval: 10 };
const input: SampleTask['input'] = { conversation: [{ role: 'user', content: 'What is 2 + 2?' }], responses: ['4', '5', 'four \\boxed{10}'] };
const samples = Array.from({ length: 12 }, (_, index) => ({ index, seed: 1_000 + index * 17 }));

interface Stage extends AsyncDisposable {
  readonly ground: ServiceGround;
  readonly sampler: RunningService;
  readonly engine: FakeEngine;
  readonly results: SampleResult[];
  readonly put: (task?: Partial<SampleTask>) => Promise<void>;
  /** Puts a task to write, and gives the results of all of them so far and to come. */
  readonly write: (task?: Partial<WriteTask>) => Promise<WriteResult[]>;
}

async function stage(server: TestNatsServer, environment: Record<string, string> = {}, asked?: EngineServer): Promise<Stage> {
  const ground = await serviceGround({ server, environment });
  const engine = new FakeEngine(asked);
  const module = SamplerModule.withEngine(() => Promise.resolve(engine));
  const sampler = await startService({ application: 'sampler', module, strategies: [JetStreamWorkStrategy], configuration: ground.configuration });
  const results: SampleResult[] = [];
  const replyTo = `results.${ground.names.microService}`;
  ground.connection.subscribe(replyTo, {
    callback: (_, message) => {
      results.push(SampleResult.parse(message.json()));
    },
  });
  const written: WriteResult[] = [];
  const writtenTo = `written.${ground.names.microService}`;
  ground.connection.subscribe(writtenTo, {
    callback: (_, message) => {
      written.push(WriteResult.parse(message.json()));
    },
  });
  return {
    ground,
    sampler,
    engine,
    results,
    put: async (task = {}) => {
      const whole: SampleTask = {
        version: 1,
        requestId: 'r',
        taskId: 't',
        replyTo,
        input,
        template: 'compact',
        samples,
        temperature: 0.5,
        maxTokens: 64,
        deadline: Date.now() + 30_000,
        ...task,
      };
      await jetstream(ground.connection).publish(ground.names.work.sample, JSON.stringify(whole));
    },
    write: async (task = {}) => {
      const whole: WriteTask = {
        version: 1,
        requestId: 'r',
        taskId: 't',
        replyTo: writtenTo,
        conversation: input.conversation,
        template: 'compact',
        answers: [{ index: 0, seed: 1 }],
        temperature: 0.5,
        maxTokens: 64,
        deadline: Date.now() + 30_000,
        ...task,
      };
      await jetstream(ground.connection).publish(ground.names.work.write, JSON.stringify(whole));
      return written;
    },
    [Symbol.asyncDispose]: async () => {
      await sampler.close();
      await ground[Symbol.asyncDispose]();
    },
  };
}

describe('the sampler', () => {
  let server: TestNatsServer;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('answers a task with every sample under its seed and the order that the seed shuffles to', async () => {
    await using scene = await stage(server);
    await scene.put();
    await expect.poll(() => scene.results.length, patience).toBe(1);
    const [result] = scene.results;
    if (result === undefined || 'error' in result) throw new Error('expected samples');
    expect(result.samples).toEqual(
      samples.map(({ index, seed }) => ({ index, seed, text: `judgement ${seed}`, order: orderOf(seed, 3), tokens: 2, meanLogprob: -1, finishReason: 'stop' })),
    );
    expect(result).toMatchObject({ requestId: 'r', taskId: 't', model: { name: 'fake', revision: 'r1' }, usage: { completionTokens: 24 } });
    const orders = new Set(samples.map(({ seed }) => orderOf(seed, 3).join()));
    expect(result.usage.promptTokens).toBe(100 * orders.size);
    expect(result.timings.queueMs).toBeLessThan(5_000);
    const metrics = await (await fetch(`${scene.sampler.url}/metrics`)).text();
    expect(metrics).toContain('grm_sampler_samples_total{finish_reason="stop"} 12');
    expect(metrics).toContain('gen_ai_usage_output_tokens_total 24');
  });

  it('calls the engine once a task, with one prompt for each order', async () => {
    await using scene = await stage(server);
    await scene.put({ temperature: 0.7, topP: 0.9, maxTokens: 32 });
    await expect.poll(() => scene.results.length, patience).toBe(1);
    const [request, ...more] = scene.engine.requests;
    expect(more).toEqual([]);
    expect(request).toMatchObject({ temperature: 0.7, topP: 0.9, maxTokens: 32 });
    const orders = new Map(samples.map(({ seed }) => [orderOf(seed, 3).join(), orderOf(seed, 3)]));
    expect(request?.prompts).toMatchObject([...orders.values()].map((order) => templateByName('compact').renderPrompt(input, order)));
    expect(request?.prompts).toHaveLength(orders.size);
    expect(request?.prompts.flatMap((prompt) => prompt.samples)).toHaveLength(12);
  });

  it('puts the published prompt before the engine as a chat', async () => {
    await using scene = await stage(server);
    await scene.put({ template: 'published', samples: [{ index: 0, seed: 1 }] });
    await expect.poll(() => scene.results.length, patience).toBe(1);
    const content = expect.stringContaining('#### Responses to be Scored ####');
    expect(scene.engine.requests[0]?.prompts).toEqual([{ messages: [{ role: 'user', content }], samples: [{ seed: 1 }] }]);
  });

  it('answers a prompt that is too long for the engine with `invalid-request`', async () => {
    await using scene = await stage(server, { GRM_MAX_PROMPT_TOKENS: '100' });
    scene.engine.before = async ({ maxPromptTokens: limit = 0 }) => {
      throw new PromptTooLongError({ prompt: 0, size: 500, unit: 'tokens', limit });
    };
    await scene.put();
    const message = 'The prompt is 500 tokens, the judge takes at most 100 tokens; shorten the conversation or the responses';
    await expect.poll(() => scene.results, patience).toEqual([{ requestId: 'r', taskId: 't', error: { code: 'invalid-request', message } }]);
    await expect.poll(scene.ground.pending, patience).toBe(0);
  });

  it('answers a template that it does not know with `invalid-request`', async () => {
    await using scene = await stage(server);
    await scene.put({ template: 'baroque' });
    const message = expect.stringMatching(/no prompt template "baroque", only published, compact/);
    await expect.poll(() => scene.results, patience).toEqual([{ requestId: 'r', taskId: 't', error: { code: 'invalid-request', message } }]);
    expect(scene.engine.requests).toEqual([]);
    await expect.poll(scene.ground.pending, patience).toBe(0);
  });

  it('writes answers as well, from the same line of tasks', async () => {
    await using scene = await stage(server);
    await scene.put({ taskId: 'judge' });
    const written = await scene.write({ taskId: 'write', answers: [{ index: 0, seed: 7 }, { index: 1, seed: 8 }] });
    await expect.poll(() => written.length, patience).toBe(1);
    expect(written).toMatchObject([{ requestId: 'r', taskId: 'write', answers: [{ index: 0, text: 'judgement 7' }, { index: 1, text: 'judgement 8' }], model: { name: 'fake', revision: 'r1' } }]);
    expect(scene.results.map(({ taskId }) => taskId)).toEqual(['judge']);
    const metrics = await (await fetch(`${scene.sampler.url}/metrics`)).text();
    expect(metrics).toContain('grm_sampler_answers_total{finish_reason="stop"} 2');
    expect(metrics).toContain('gen_ai_usage_output_tokens_total 28');
  });

  it('writes nothing for a request that was called back, and stops what it writes', async () => {
    await using scene = await stage(server);
    const begun = Promise.withResolvers<void>();
    scene.engine.before = (_, signal) =>
      new Promise((_resolve, reject) => {
        begun.resolve();
        signal?.addEventListener('abort', () => reject(signal.reason));
      });
    const written = await scene.write({ taskId: 'stopped' });
    await scene.write({ taskId: 'skipped' });
    await begun.promise;
    scene.ground.connection.publish(scene.ground.names.cancel, JSON.stringify({ requestId: 'r' }));
    await expect.poll(scene.ground.pending, patience).toBe(0);
    expect(written).toEqual([]);
    expect(scene.engine.requests).toHaveLength(1);
    expect(await (await fetch(`${scene.sampler.url}/metrics`)).text()).toContain('grm_work_tasks_skipped_total{consumer="sampler",reason="cancelled"} 2');
  });

  it('buries a task to write that cannot be read, and says so', async () => {
    await using scene = await stage(server);
    const written = await scene.write({ answers: [] });
    await expect.poll(() => written, patience).toMatchObject([{ taskId: 't', error: { code: 'model-unavailable' } }]);
    const [letter] = await scene.ground.deadLetters();
    expect(letter?.header(headerNames.dead.subject)).toBe(scene.ground.names.work.write);
    expect(letter?.header(headerNames.dead.reason)).toContain('answers');
  });

  it('tries again when the engine fails or leaves samples out', async () => {
    await using scene = await stage(server);
    let calls = 0;
    scene.engine.before = async () => {
      if (++calls === 1) throw new Error('a worker died');
    };
    await scene.put();
    await expect.poll(() => scene.results.length, patience).toBe(1);
    expect(scene.results[0]).toHaveProperty('samples');
    expect(calls).toBe(2);
  });

  it('asks to be replaced when its engine fails again and again', async () => {
    await using scene = await stage(server);
    scene.engine.before = () => Promise.reject(new ModelUnavailableError('fake', 'its worker is gone'));
    await scene.put();
    const failure = await scene.sampler.failed;
    expect(failure.message).toBe('The engine failed 3 times in a row');
    const ready = await fetch(`${scene.sampler.url}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.text()).toContain('The engine failed 3 times in a row');
  });

  it('takes no task while its server takes none, says so, and tells how busy that is', async () => {
    const gate = Promise.withResolvers<void>();
    const told: { problem: string | undefined; load: EngineServer['load'] } = { problem: 'http://vllm/health cannot be reached', load: {} };
    const asked: EngineServer = { url: 'http://vllm', retried: 3, opened: () => gate.promise, get problem() { return told.problem; }, get load() { return told.load; } };
    await using scene = await stage(server, { GRM_CONCURRENCY: '2' }, asked);
    await scene.put();
    const exposition = async () => (await fetch(`${scene.sampler.url}/metrics`)).text();
    const ready = await fetch(`${scene.sampler.url}/readyz`);
    expect([ready.status, await ready.text()]).toEqual([503, expect.stringContaining('cannot be reached')]);
    expect(await exposition()).toContain('grm_engine_server_up 0');
    expect(await exposition()).not.toMatch(/^grm_engine_server_requests_waiting /mu);
    expect(scene.engine.requests).toEqual([]);
    // Busy is not broken.
    Object.assign(told, { problem: undefined, load: { waiting: 9 } });
    await expect.poll(async () => (await fetch(`${scene.sampler.url}/readyz`)).status, patience).toBe(200);
    expect(scene.engine.requests).toEqual([]);
    Object.assign(told, { problem: undefined, load: { running: 2, waiting: 5, cacheUsage: 0.5, promptTokens: 30, generatedTokens: 7 } });
    gate.resolve();
    await expect.poll(() => scene.results.length, patience).toBe(1);
    for (const line of ['up 1', 'requests_running 2', 'requests_waiting 5', 'cache_usage_ratio 0.5', 'prompt_tokens_total 30', 'generated_tokens_total 7', 'retries_total 3']) expect(await exposition()).toContain(`grm_engine_server_${line}`);
    await expect.poll(async () => (await fetch(`${scene.sampler.url}/readyz`)).status, patience).toBe(200);
  });

  it('stays when its server fails again and again: another sampler would find the same', async () => {
    await using scene = await stage(server);
    let calls = 0;
    scene.engine.before = async () => {
      if (++calls <= 3) throw new EngineServerError('http://vllm/v1/completions', 'answered 500: out of memory', { status: 500 });
    };
    await scene.put();
    await expect.poll(() => scene.results.length, { ...patience, timeout: 20_000 }).toBe(1);
    expect(calls).toBe(4);
    expect((await fetch(`${scene.sampler.url}/readyz`)).status).toBe(200);
  });

  it('leaves a task that wants other weights to a sampler that has them', async () => {
    await using scene = await stage(server);
    await scene.put({ revision: 'r2', taskId: 'other' });
    await scene.put({ revision: 'r1', taskId: 'ours' });
    await expect.poll(() => scene.results.map(({ taskId }) => taskId), patience).toEqual(['ours']);
    expect(await scene.ground.pending()).toBe(1);
    expect(scene.engine.requests).toHaveLength(1);
  });

  it('moves a poisonous task to the dead letters, says so, and goes on with the next', async () => {
    await using scene = await stage(server);
    await scene.put({ samples: [] });
    await scene.put({ taskId: 'next' });
    await expect.poll(() => scene.results, patience).toMatchObject([{ taskId: 't', error: { code: 'model-unavailable' } }, { taskId: 'next', samples: expect.any(Array) }]);
    const [letter] = await scene.ground.deadLetters();
    expect(letter?.header(headerNames.dead.reason)).toContain('samples');
  });

  it('finishes and answers once what it draws when it is closed, and closes the engine', async () => {
    const scene = await stage(server, { GRM_CONCURRENCY: '2' });
    const gate = Promise.withResolvers<void>();
    scene.engine.before = () => gate.promise;
    for (const taskId of ['a', 'b', 'c']) await scene.put({ taskId });
    await expect.poll(() => scene.engine.requests.length, patience).toBe(2);
    const closed = scene.sampler.close();
    gate.resolve();
    await closed;
    await scene.ground.connection.flush();
    expect(scene.results.map(({ taskId }) => taskId).toSorted()).toEqual(['a', 'b']);
    expect(await scene.ground.pending()).toBe(1);
    expect(scene.engine.closed).toBe(true);
    await scene.ground[Symbol.asyncDispose]();
  });
});
