import type { DrawRequest } from '@grm/judging';
import { initialTensors, parseConfig, trainTokenizer } from '@grm/language-model';
import { Cancellation, type RolloutResult, rolloutSubjects, RolloutTask, type RolloutSuccess } from '@grm/protocol';
import { Configuration, createLog, ensureRolloutTopology, Metrics, PolicyStore, removeRolloutTopology } from '@grm/service-kit';
import { startNatsServer, type TestNatsServer } from '@grm/service-kit/testing';
import { type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DrawingPolicy } from '../rollouts.ts';
import { NoSamplerError } from './no-sampler-error.ts';
import { openQueuedRollouts, type QueuedRollouts, type QueuedRolloutsOptions } from './queued-rollouts.ts';
import { RolloutFailedError } from './rollout-failed-error.ts';
import { RolloutOverdueError } from './rollout-overdue-error.ts';
import { RolloutQueueError } from './rollout-queue-error.ts';
import { RolloutTooLargeError } from './rollout-too-large-error.ts';
import { StalePolicyError } from './stale-policy-error.ts';

const patience = { timeout: 15_000, interval: 10 };
const never = new AbortController().signal;
const log = createLog('trainer', Configuration.parse({ GRM_LOG_LEVEL: 'silent' }));
const tokenizer = trainTokenizer(['a b a b'], { specialTokens: ['<eos>'], vocabularySize: 280 });
const config = parseConfig({ model_type: 'llama', vocab_size: 280, hidden_size: 8, intermediate_size: 8, num_hidden_layers: 1, num_attention_heads: 1, eos_token_id: 0 });
const policy = (seed: number): DrawingPolicy => ({ config, tensors: initialTensors(config, seed), tokenizer });

/** A request that can be told by its only seed. */
const request = (seed: number, change: Partial<DrawRequest> = {}): DrawRequest => ({
  items: [{ input: { conversation: [{ role: 'user', content: 'Which?' }], responses: ['a', 'b'] }, samples: [{ index: 0, seed }] }],
  template: 'compact',
  temperature: 1,
  maxTokens: 8,
  ...change,
});

/** What a sampler answers that draws as it should. */
const drawn = ({ requestId, taskId, items, policy: { revision } }: RolloutTask, change: Partial<RolloutSuccess> = {}): RolloutSuccess => ({
  requestId,
  taskId,
  items: items.map(({ samples }) => ({
    samples: samples.map(({ index, seed }) => ({ index, seed, text: `judgement ${seed}`, order: [1, 0], tokens: [seed, 0], logprobs: [-seed / 7, 0], finishReason: 'stop' })),
  })),
  promptTokens: 5,
  policy: revision,
  deliveries: 1,
  timings: { queueMs: 0, runMs: 0 },
  ...change,
});

/** What a promise rejects with, whenever one asks. */
const failureOf = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => undefined, (error: unknown) => error);

interface Scene extends AsyncDisposable {
  readonly connection: NatsConnection;
  readonly rollouts: QueuedRollouts;
  readonly names: ReturnType<typeof rolloutSubjects>;
  readonly address: { readonly namespace: string; readonly run: string };
  /** Draws as `behave` says, and says that it lives. */
  readonly sampler: (behave: (task: RolloutTask, message: JsMsg, answer: (result: RolloutResult) => void) => void | Promise<void>) => void;
  readonly tasksInQueue: () => Promise<number>;
}

let counter = 0;

async function scene(server: TestNatsServer, options: Partial<QueuedRolloutsOptions> = {}): Promise<Scene> {
  const stack = new AsyncDisposableStack();
  const address = { namespace: 'test', run: `run-${++counter}` };
  const names = rolloutSubjects(address);
  const connection = stack.adopt(await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 }), (open) => open.close());
  await ensureRolloutTopology(connection, address);
  const rollouts = stack.use(await openQueuedRollouts({ ...address, nats: { servers: [server.url] }, log, lookEveryMs: 100, ...options }));
  const manager = await jetstreamManager(connection);
  return {
    connection,
    rollouts,
    names,
    address,
    sampler: (behave) => {
      connection.subscribe(names.presence, { callback: (_, message) => void message.respond('{}') });
      void (async () => {
        const consumer = await jetstream(connection).consumers.get(names.stream, names.consumer);
        const tasks = await consumer.consume();
        stack.defer(async () => void (await tasks.close()));
        for await (const message of tasks) {
          const task = RolloutTask.parse(message.json());
          await behave(task, message, (result) => connection.publish(task.replyTo, JSON.stringify(result)));
        }
      })();
    },
    tasksInQueue: async () => (await manager.streams.info(names.stream)).state.messages,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function honest(task: RolloutTask, message: JsMsg, answer: (result: RolloutResult) => void): void {
  answer(drawn(task));
  message.ack();
}

describe('rollouts by samplers', () => {
  let server: TestNatsServer;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('stand in the order of the requests, whatever the order of the answers, with no more tasks out than may be', async () => {
    await using stage = await scene(server, { inFlight: 3 });
    const held: (() => void)[] = [];
    let most = 0;
    stage.sampler((task, message, answer) => {
      held.push(() => honest(task, message, answer));
      most = Math.max(most, held.length);
      // Answers the newest first, once there are three of them or no more come.
      if (held.length === 3 || task.items[0]?.samples[0]?.seed === 6) while (held.length > 0) held.pop()?.();
    });
    await stage.rollouts.use(policy(1));
    const progress: number[] = [];
    const results = await stage.rollouts.draw([0, 1, 2, 3, 4, 5, 6].map((seed) => request(seed)), { signal: never, drawn: (requests) => progress.push(requests) });
    expect(results.map(({ judgements }) => judgements[0]?.[0]?.text)).toEqual([0, 1, 2, 3, 4, 5, 6].map((seed) => `judgement ${seed}`));
    expect(results[3]).toEqual({ judgements: [[{ index: 0, seed: 3, text: 'judgement 3', order: [1, 0], tokens: [3, 0], logprobs: [-3 / 7, 0], finishReason: 'stop' }]], promptTokens: 5 });
    expect(progress).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBeLessThanOrEqual(3);
  });

  it('ask for exactly what the request says', async () => {
    await using stage = await scene(server);
    const tasks: RolloutTask[] = [];
    stage.sampler((task, message, answer) => {
      tasks.push(task);
      honest(task, message, answer);
    });
    await stage.rollouts.use(policy(1));
    const input = { conversation: [{ role: 'user' as const, content: 'Which?' }], responses: ['a', 'b'], reference: 'a', criteria: undefined };
    const items = [{ input, samples: [{ index: 4, seed: 9 }, { index: 2, seed: 8 }], hint: 1 }];
    await stage.rollouts.draw([request(0, { items, principles: false, topP: 0.9, maxPromptTokens: 40 })], { signal: never });
    const newest = await new PolicyStore(stage.connection, stage.address).newest();
    expect(tasks).toMatchObject([{ items: [{ input: { conversation: input.conversation, responses: ['a', 'b'], reference: 'a' }, samples: items[0]?.samples, hint: 1 }], template: 'compact', principles: false, temperature: 1, topP: 0.9, maxTokens: 8, maxPromptTokens: 40, policy: { revision: newest } }]);
  });

  it('take the first of two answers to a task, and count the other', async () => {
    await using stage = await scene(server);
    stage.sampler((task, message, answer) => {
      answer(drawn(task));
      answer(drawn(task, { promptTokens: 99 }));
      message.ack();
    });
    await stage.rollouts.use(policy(1));
    expect(await stage.rollouts.draw([request(1)], { signal: never })).toMatchObject([{ promptTokens: 5 }]);
    await expect.poll(() => stage.rollouts.counts, patience).toMatchObject({ answered: 1, duplicates: 1 });
  });

  it('take back a task that was put into the queue anew when its first answer comes after all', async () => {
    await using stage = await scene(server);
    const answers: (() => void)[] = [];
    stage.sampler((task, message, answer) => {
      answers.push(() => answer(drawn(task)));
      // The second one is left in the queue, as if nobody had time for it.
      if (answers.length === 1) message.ack();
      else answers[0]?.();
    });
    await stage.rollouts.use(policy(1));
    await stage.rollouts.draw([request(1)], { signal: never });
    expect(stage.rollouts.counts).toMatchObject({ published: 2, lost: 1, answered: 1 });
    await expect.poll(stage.tasksInQueue, patience).toBe(0);
  });

  it('put a task into the queue anew when it is gone without an answer', async () => {
    await using stage = await scene(server);
    let times = 0;
    stage.sampler((task, message, answer) => {
      if (++times === 1) message.ack();
      else honest(task, message, answer);
    });
    await stage.rollouts.use(policy(1));
    expect(await stage.rollouts.draw([request(1)], { signal: never })).toMatchObject([{ promptTokens: 5 }]);
    expect(stage.rollouts.counts).toMatchObject({ published: 2, lost: 1, answered: 1 });
  });

  it('refuse judgements by other weights, and ask again', async () => {
    await using stage = await scene(server);
    let times = 0;
    stage.sampler((task, message, answer) => {
      answer(drawn(task, ++times === 1 ? { policy: `sha256:${'0'.repeat(64)}` } : {}));
      message.ack();
    });
    await stage.rollouts.use(policy(1));
    await stage.rollouts.draw([request(1)], { signal: never });
    expect(stage.rollouts.counts).toMatchObject({ stale: 1, lost: 1, answered: 1 });
  });

  it('give up a task that is taken out of the queue again and again', async () => {
    await using stage = await scene(server);
    stage.sampler((_, message) => message.ack());
    await stage.rollouts.use(policy(1));
    await expect(stage.rollouts.draw([request(1)], { signal: never })).rejects.toThrow(RolloutOverdueError);
    expect(stage.rollouts.counts).toMatchObject({ published: 5, answered: 0 });
  });

  it('end with what samplers cannot do, and call the rest back', async () => {
    await using stage = await scene(server);
    const cancelled: string[] = [];
    stage.connection.subscribe(stage.names.cancel, { callback: (_, message) => void cancelled.push(Cancellation.parse(message.json()).requestId) });
    let requestId = '';
    stage.sampler((task, message, answer) => {
      requestId = task.requestId;
      if (task.items[0]?.samples[0]?.seed !== 2) return;
      answer({ requestId: task.requestId, taskId: task.taskId, error: { code: 'invalid-request', message: 'The prompt is 900 tokens' } });
      message.ack();
    });
    await stage.rollouts.use(policy(1));
    const drawing = stage.rollouts.draw([request(1), request(2), request(3)], { signal: never });
    await expect(drawing).rejects.toThrow(RolloutFailedError);
    await expect(drawing).rejects.toThrow(/^samplers cannot draw task .* \(invalid-request\): The prompt is 900 tokens$/);
    await expect.poll(() => cancelled, patience).toEqual([requestId]);
    await expect.poll(stage.tasksInQueue, patience).toBe(0);
  });

  it('end with the reason of a signal that aborts: nothing is left in the queue, and samplers are told', async () => {
    await using stage = await scene(server);
    const cancelled: string[] = [];
    stage.connection.subscribe(stage.names.cancel, { callback: (_, message) => void cancelled.push(Cancellation.parse(message.json()).requestId) });
    const begun = Promise.withResolvers<RolloutTask>();
    stage.sampler((task) => begun.resolve(task));
    await stage.rollouts.use(policy(1));
    const stop = new AbortController();
    const drawing = stage.rollouts.draw(Array.from({ length: 100 }, (_, seed) => request(seed)), { signal: stop.signal });
    const { requestId } = await begun.promise;
    stop.abort(new Error('the run is to stop'));
    await expect(drawing).rejects.toThrow('the run is to stop');
    await expect.poll(() => cancelled, patience).toEqual([requestId]);
    await expect.poll(stage.tasksInQueue, patience).toBe(0);
  });

  it('reject what is under way when another policy takes its place, and go on with that one', async () => {
    await using stage = await scene(server);
    const begun = Promise.withResolvers<void>();
    let quiet = true;
    stage.sampler((task, message, answer) => {
      begun.resolve();
      if (quiet) message.ack();
      else honest(task, message, answer);
    });
    await stage.rollouts.use(policy(1));
    const refused = failureOf(stage.rollouts.draw([request(1)], { signal: never }));
    await begun.promise;
    quiet = false;
    await stage.rollouts.use(policy(2));
    expect(await refused).toBeInstanceOf(StalePolicyError);
    expect(await stage.rollouts.draw([request(1)], { signal: never })).toHaveLength(1);
  });

  it('are not disturbed by the same policy announced again', async () => {
    await using stage = await scene(server);
    const gate = Promise.withResolvers<void>();
    stage.sampler(async (task, message, answer) => {
      await gate.promise;
      honest(task, message, answer);
    });
    await stage.rollouts.use(policy(1));
    const drawing = stage.rollouts.draw([request(1)], { signal: never });
    await stage.rollouts.use(policy(1));
    gate.resolve();
    expect(await drawing).toHaveLength(1);
  });

  it('end when a sampler knows of a newer policy, with whose it is', async () => {
    await using stage = await scene(server);
    const newest = `sha256:${'1'.repeat(64)}`;
    stage.sampler(({ requestId, taskId, policy: { revision } }, message, answer) => {
      answer({ requestId, taskId, stale: { asked: revision, newest } });
      message.ack();
    });
    await stage.rollouts.use(policy(1));
    await expect(stage.rollouts.draw([request(1)], { signal: never })).rejects.toThrow(`${newest} has been announced since, by another trainer of this run`);
    expect(stage.rollouts.counts.stale).toBe(1);
  });

  it('say within their patience that there is no sampler, and for which run', async () => {
    await using stage = await scene(server, { patienceMs: 1_500 });
    await stage.rollouts.use(policy(1));
    const began = Date.now();
    const drawing = stage.rollouts.draw([request(1), request(2)], { signal: never });
    await expect(drawing).rejects.toThrow(NoSamplerError);
    await expect(drawing).rejects.toThrow(new RegExp(`^no sampler of run test/${stage.address.run} has been heard of for 2 s, while 2 tasks wait: .*spec.rollouts.replicas`));
    expect(Date.now() - began).toBeLessThan(6_000);
    await expect.poll(stage.tasksInQueue, patience).toBe(0);
  });

  it('wait for a sampler that lives and draws for longer than their patience', async () => {
    await using stage = await scene(server, { patienceMs: 300 });
    const looks = Promise.withResolvers<void>();
    stage.sampler(async (task, message, answer) => {
      await looks.promise;
      honest(task, message, answer);
    });
    let asked = 0;
    stage.connection.subscribe(stage.names.presence, { callback: () => void (++asked >= 8 && looks.resolve()) });
    await stage.rollouts.use(policy(1));
    expect(await stage.rollouts.draw([request(1)], { signal: never })).toHaveLength(1);
    expect(stage.rollouts.counts.samplers).toBe(1);
  });

  it('end a task that is not answered by its deadline', async () => {
    await using stage = await scene(server, { taskTimeoutMs: 500 });
    stage.sampler(() => {});
    await stage.rollouts.use(policy(1));
    await expect(stage.rollouts.draw([request(1)], { signal: never })).rejects.toThrow(/has no answer by its deadline \(attempt 1, /);
  });

  it('refuse a request that is above max_payload before it is sent, with size and limit', async () => {
    await using stage = await scene(server);
    await stage.rollouts.use(policy(1));
    const input = { conversation: [{ role: 'user' as const, content: 'x'.repeat(2_000_000) }], responses: ['a'] };
    const drawing = stage.rollouts.draw([request(1, { items: [{ input, samples: [{ index: 0, seed: 1 }] }] })], { signal: never });
    await expect(drawing).rejects.toThrow(RolloutTooLargeError);
    await expect(drawing).rejects.toThrow(/^a task of 200\d{4} bytes is above the NATS server's max_payload of 1048576/);
  });

  it('do not open where nobody has provisioned the run', async () => {
    await expect(openQueuedRollouts({ namespace: 'test', run: 'nowhere', nats: { servers: [server.url] }, log })).rejects.toThrow(RolloutQueueError);
  });

  it('begin with an empty queue: what a trainer before has left there is gone', async () => {
    await using stage = await scene(server);
    await jetstream(stage.connection).publish(stage.names.task, '{"left": "behind"}');
    await using again = await openQueuedRollouts({ ...stage.address, nats: { connection: stage.connection }, log });
    expect(await stage.tasksInQueue()).toBe(0);
    await again[Symbol.asyncDispose]();
    expect(stage.connection.isClosed()).toBe(false);
  });

  it('need a policy first', async () => {
    await using stage = await scene(server);
    await expect(stage.rollouts.draw([request(1)], { signal: never })).rejects.toThrow('no policy draws yet');
  });

  it('end when the queue is gone for longer than their patience', async () => {
    await using stage = await scene(server, { patienceMs: 1_500 });
    stage.sampler(() => {});
    await stage.rollouts.use(policy(1));
    const ended = failureOf(stage.rollouts.draw([request(1)], { signal: never }));
    await expect.poll(stage.tasksInQueue, patience).toBe(1);
    await removeRolloutTopology(stage.connection, stage.address);
    expect(await ended).toBeInstanceOf(RolloutQueueError);
  });

  it('show their counts to Prometheus', async () => {
    const metrics = new Metrics();
    await using stage = await scene(server, { metrics });
    stage.sampler((task, message, answer) => {
      answer(drawn(task, { deliveries: 3 }));
      message.ack();
    });
    await stage.rollouts.use(policy(1));
    await stage.rollouts.draw([request(1)], { signal: never });
    const exposition = await metrics.registry.metrics();
    for (const line of ['grm_rollouts_answered_total 1', 'grm_rollouts_redelivered_total 2', 'grm_rollouts_stale_total 0', 'grm_rollouts_depth 0']) expect(exposition).toContain(line);
  });
});

describe('rollouts by samplers, over a server that goes away', () => {
  it('go on where they were when it is back', async () => {
    await using server = await startNatsServer();
    await using stage = await scene(server);
    const handed = Promise.withResolvers<void>();
    let back = false;
    stage.sampler(async (task, message, answer) => {
      handed.resolve();
      if (back) honest(task, message, answer);
    });
    await stage.rollouts.use(policy(1));
    const drawing = stage.rollouts.draw([request(1)], { signal: never });
    await handed.promise;
    await server.stop('SIGKILL');
    back = true;
    await server.start();
    expect(await drawing).toHaveLength(1);
  });

  it('announce a policy when it is back', async () => {
    await using server = await startNatsServer();
    await using stage = await scene(server);
    stage.sampler(honest);
    await stage.rollouts.use(policy(1));
    await server.stop('SIGKILL');
    const announced = stage.rollouts.use(policy(2));
    await server.start();
    await announced;
    expect(await stage.rollouts.draw([request(1)], { signal: never })).toHaveLength(1);
  });
});
