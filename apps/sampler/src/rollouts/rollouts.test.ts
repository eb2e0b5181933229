import type { NamedModel } from '@grm/engine';
import { packModel } from '@grm/language-model';
import { type PolicyReference, RolloutResult, rolloutSubjects, type RolloutTask, SamplerPresence } from '@grm/protocol';
import { Configuration, ensureRolloutTopology, JetStreamWorkStrategy, PolicyStore, type RunningService, startService } from '@grm/service-kit';
import { startNatsServer, type TestNatsServer } from '@grm/service-kit/testing';
import { orderOf } from '@grm/spct';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { Objm } from '@nats-io/obj';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeEngine } from '../fake-engine.ts';
import { RolloutModule } from './rollout.module.ts';
import { tinyPolicy } from './tiny-policy.ts';

const patience = { timeout: 15_000, interval: 10 };
const input: RolloutTask['items'][number]['input'] = { conversation: [{ role: 'user', content: 'What is 2 + 2?' }], responses: ['4', '5', ''] };
let counter = 0;

interface Scene extends AsyncDisposable {
  readonly connection: NatsConnection;
  readonly policies: PolicyStore;
  readonly sampler: RunningService;
  readonly engine: FakeEngine;
  readonly opened: NamedModel[];
  readonly results: RolloutResult[];
  readonly names: ReturnType<typeof rolloutSubjects>;
  readonly announce: (seed: number) => Promise<PolicyReference>;
  readonly put: (policy: PolicyReference, task?: Partial<RolloutTask>) => Promise<void>;
  /** Tasks waiting or being worked on. */
  readonly pending: () => Promise<number>;
}

async function scene(server: TestNatsServer): Promise<Scene> {
  const address = { namespace: 'test', run: `run-${++counter}` };
  const names = rolloutSubjects(address);
  const connection = await connect({ servers: server.url });
  await ensureRolloutTopology(connection, address);
  const engine = new FakeEngine();
  const opened: NamedModel[] = [];
  const module = RolloutModule.withEngine(async (_, model) => {
    opened.push(model);
    return Object.assign(engine, { replaceWeights: async () => {} });
  });
  const configuration = Configuration.parse({ GRM_NATS_URL: server.url, GRM_NAMESPACE: address.namespace, GRM_RUN_NAME: address.run, GRM_LOG_LEVEL: 'silent' });
  const sampler = await startService({ application: 'sampler', module, strategies: [JetStreamWorkStrategy], configuration });
  const results: RolloutResult[] = [];
  const replyTo = `results.${address.run}`;
  connection.subscribe(replyTo, { callback: (_, message) => void results.push(RolloutResult.parse(message.json())) });
  const policies = new PolicyStore(connection, address);
  return {
    connection,
    policies,
    sampler,
    engine,
    opened,
    results,
    names,
    announce: (seed) => policies.announce(packModel(tinyPolicy(seed))),
    put: async (policy, task = {}) => {
      const whole: RolloutTask = {
        version: 1,
        requestId: 'r',
        taskId: 't',
        replyTo,
        items: [{ input, samples: [{ index: 0, seed: 11 }, { index: 1, seed: 12 }] }],
        template: 'compact',
        temperature: 1,
        maxTokens: 64,
        policy,
        deadline: Date.now() + 30_000,
        ...task,
      };
      await jetstream(connection).publish(names.task, JSON.stringify(whole));
    },
    pending: async () => (await (await jetstreamManager(connection)).streams.info(names.stream)).state.messages,
    [Symbol.asyncDispose]: async () => {
      await sampler.close();
      await connection.close();
    },
  };
}

describe('the sampler of a run', () => {
  let server: TestNatsServer;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('answers each item with its samples, token by token, and says which weights drew', async () => {
    await using stage = await scene(server);
    const policy = await stage.announce(1);
    const hinted = { input, samples: [{ index: 7, seed: 13 }], hint: 2 };
    await stage.put(policy, { items: [{ input, samples: [{ index: 0, seed: 11 }, { index: 1, seed: 12 }] }, hinted] });
    await expect.poll(() => stage.results.length, patience).toBe(1);
    const sample = (index: number, seed: number) => ({ index, seed, order: orderOf(seed, 3), text: `judgement ${seed}`, tokens: [1, 2], logprobs: [-0.5, -1.5], finishReason: 'stop' });
    expect(stage.results[0]).toMatchObject({
      requestId: 'r',
      taskId: 't',
      items: [{ samples: [sample(0, 11), sample(1, 12)] }, { samples: [sample(7, 13)] }],
      policy: policy.revision,
      deliveries: 1,
      promptTokens: 300,
    });
    expect(stage.opened).toMatchObject([{ name: `run-${counter}`, revision: policy.revision, tensors: tinyPolicy(1).tensors }]);
    await expect.poll(stage.pending, patience).toBe(0);
  });

  it('refuses a task whose policy is not the newest, and says which one is', async () => {
    await using stage = await scene(server);
    const [old, newest] = [await stage.announce(1), await stage.announce(2)];
    await stage.put(old);
    await expect.poll(() => stage.results, patience).toEqual([{ requestId: 'r', taskId: 't', stale: { asked: old.revision, newest: newest.revision } }]);
    expect(stage.engine.requests).toEqual([]);
    await expect.poll(stage.pending, patience).toBe(0);
    expect(await (await fetch(`${stage.sampler.url}/metrics`)).text()).toContain('grm_rollout_stale_tasks_total 1');
  });

  it('hands a task back while the weights cannot be had, and draws when they can', async () => {
    await using stage = await scene(server);
    const policy = await stage.announce(1);
    const store = await new Objm(stage.connection).open(policy.bucket);
    await store.delete(policy.name);
    await stage.put(policy);
    const info = async () => (await jetstreamManager(stage.connection)).consumers.info(stage.names.stream, stage.names.consumer);
    await expect.poll(async () => (await info()).num_redelivered, patience).toBeGreaterThan(0);
    expect(stage.results).toEqual([]);
    await stage.announce(1);
    await expect.poll(() => stage.results, patience).toMatchObject([{ taskId: 't', policy: policy.revision, deliveries: expect.any(Number) }]);
    expect(stage.results[0]).not.toMatchObject({ deliveries: 1 });
  });

  it('asks to be replaced when it fails to get the weights again and again, and tells the trainer in the end', async () => {
    await using stage = await scene(server);
    const policy = await stage.announce(1);
    await (await new Objm(stage.connection).open(policy.bucket)).delete(policy.name);
    await stage.put(policy);
    expect((await stage.sampler.failed).message).toBe('The engine failed 3 times in a row');
    await expect.poll(() => stage.results, patience).toMatchObject([{ taskId: 't', error: { code: 'model-unavailable', message: `policy ${policy.revision} of object store ${policy.bucket}: is not there (any more)` } }]);
  });

  it('stops what it draws when the draw is called back, and answers nothing', async () => {
    await using stage = await scene(server);
    const policy = await stage.announce(1);
    const begun = Promise.withResolvers<void>();
    stage.engine.before = (_, signal) =>
      new Promise((_resolve, reject) => {
        begun.resolve();
        signal?.addEventListener('abort', () => reject(signal.reason));
      });
    await stage.put(policy);
    await stage.put(policy, { taskId: 'waiting' });
    await begun.promise;
    stage.connection.publish(stage.names.cancel, JSON.stringify({ requestId: 'r' }));
    await expect.poll(stage.pending, patience).toBe(0);
    expect([stage.results, stage.engine.requests.length]).toEqual([[], 1]);
  });

  it('answers what no retry can mend, with the reason', async () => {
    await using stage = await scene(server);
    await stage.put(await stage.announce(1), { template: 'baroque' });
    await expect.poll(() => stage.results, patience).toMatchObject([{ taskId: 't', error: { code: 'invalid-request', message: expect.stringContaining('no prompt template "baroque"') } }]);
    await expect.poll(stage.pending, patience).toBe(0);
  });

  it('says that it lives, also while it draws', async () => {
    await using stage = await scene(server);
    const policy = await stage.announce(1);
    const ask = async () => SamplerPresence.parse((await stage.connection.request(stage.names.presence, '', { timeout: 2_000 })).json());
    expect(await ask()).toEqual({ sampler: expect.stringContaining(`/${process.pid}`), drawing: 0 });
    const gate = Promise.withResolvers<void>();
    stage.engine.before = () => gate.promise;
    await stage.put(policy);
    await expect.poll(ask, patience).toMatchObject({ policy: policy.revision, drawing: 1 });
    gate.resolve();
    await expect.poll(() => stage.results.length, patience).toBe(1);
  });
});
