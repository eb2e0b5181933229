import { waitUntil } from '@grm/controller-runtime/testing';
import { openEmbeddedEngine } from '@grm/engine';
import { drawJudgements, type Drawn, type DrawRequest } from '@grm/judging';
import { loadCheckpoint } from '@grm/language-model';
import { nanobenchItems } from '@grm/preferences';
import { RolloutResult, type RolloutTask } from '@grm/protocol';
import { PolicyStore } from '@grm/service-kit';
import type { DrawingPolicy } from '@grm/trainer';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { type RolloutGround, rolloutGround, type ServiceProcess, temporaryFolder, writeScriptedModel } from '../support/index.ts';
import { repositoryFile } from '../support/repository-file.ts';

const never = new AbortController().signal;
const folder = await temporaryFolder();
afterAll(() => folder[Symbol.asyncDispose]());

async function policyOf(path: string): Promise<DrawingPolicy> {
  const { config, tensors, tokenizer, chatTemplate } = await loadCheckpoint(path);
  return { config, tensors, tokenizer: tokenizer.json, ...(chatTemplate === undefined ? {} : { chatTemplate: chatTemplate.source }) };
}

/** The policy as it could be one step of training later. */
function learnt(policy: DrawingPolicy): DrawingPolicy {
  const tensors = [...policy.tensors].map(([name, { shape, data }], at) => [name, { shape, data: data.map((weight, i) => weight + 2e-3 * Math.sin(at + i)) }] as const);
  return { ...policy, tensors: new Map(tensors) };
}

const nano = await policyOf(repositoryFile('models/nano-judge'));
/** Writes long enough to be killed or stopped in the middle, on any machine that these tests run on. */
const thoughts = 2_000;
await writeScriptedModel(folder.path, { thoughts });
const slow = await policyOf(folder.path);
const slowRequest: DrawRequest = {
  items: [{ input: { conversation: [{ role: 'user', content: 'What is 17 + 25?' }], responses: ['42', '32'] }, samples: [{ index: 0, seed: 1 }, { index: 1, seed: 2 }, { index: 2, seed: 3 }] }],
  template: 'compact',
  temperature: 1,
  maxTokens: 2 * thoughts,
};

/** Requests of all sorts: several items, hints, no principles, nucleus sampling, greedy. */
function requestsOf(count: number): DrawRequest[] {
  const items = nanobenchItems({ split: 'dev', seed: 3 });
  return Array.from({ length: count }, (_, request) => ({
    items: Array.from({ length: 3 }, (_unused, item) => {
      const { value } = items.next();
      if (value === undefined) throw new Error('nanobench has no more items');
      const { conversation, responses, best } = value;
      const samples = Array.from({ length: 4 }, (_none, index) => ({ index, seed: 1_000 * request + 100 * item + index }));
      return { input: { conversation, responses }, samples, ...(item === 2 ? { hint: best } : {}) };
    }),
    template: 'compact',
    temperature: request % 4 === 3 ? 0 : 1,
    maxTokens: 96,
    ...(request % 3 === 1 ? { principles: false } : {}),
    ...(request % 3 === 2 ? { topP: 0.8 } : {}),
  }));
}

/** What an engine in this process draws, one thread. */
async function inProcess(policy: DrawingPolicy, requests: readonly DrawRequest[]): Promise<Drawn[]> {
  await using engine = await openEmbeddedEngine({ model: { ...policy, name: 'here', revision: 'here' }, kind: 'generate', threads: 1 });
  const drawn: Drawn[] = [];
  for (const request of requests) drawn.push(await drawJudgements(engine, request, never));
  return drawn;
}

async function ground(): Promise<RolloutGround> {
  const opened = await rolloutGround();
  onTestFinished(() => opened[Symbol.asyncDispose]());
  return opened;
}

const tasksInQueue = async ({ connection, names }: RolloutGround) => (await (await jetstreamManager(connection)).streams.info(names.stream)).state.messages;

async function atWork(samplers: readonly ServiceProcess[]): Promise<ServiceProcess> {
  return waitUntil(
    async () => {
      for (const sampler of samplers) if (sampler.running && (await sampler.metric('grm_work_tasks_in_flight')) > 0) return sampler;
      return undefined;
    },
    { what: 'a sampler that draws' },
  );
}

describe('judgements for training', () => {
  it('are the same, bit for bit, in the process of the trainer, by one sampler, and by two', async () => {
    const requests = requestsOf(8);
    const here = await inProcess(nano, requests);
    const run = await ground();
    const rollouts = await run.rollouts();
    const first = await run.sampler();
    await rollouts.use(nano);
    expect(await rollouts.draw(requests, { signal: never })).toEqual(here);
    const second = await run.sampler();
    expect(await rollouts.draw(requests, { signal: never })).toEqual(here);
    for (const sampler of [first, second]) expect(await sampler.metric('grm_rollout_judgements_total')).toBeGreaterThan(0);
    const texts = here.flatMap(({ judgements }) => judgements.flat().map(({ text }) => text));
    expect([texts.length, new Set(texts).size > 40]).toEqual([96, true]);
  });

  it('are drawn with new weights from the next draw on, which are fetched once each', async () => {
    const requests = requestsOf(2);
    const better = learnt(nano);
    const [before, after] = [await inProcess(nano, requests), await inProcess(better, requests)];
    expect(after).not.toEqual(before);
    const run = await ground();
    const rollouts = await run.rollouts();
    const sampler = await run.sampler();
    for (const [policy, drawn] of [[nano, before], [better, after], [nano, before]] as const) {
      await rollouts.use(policy);
      expect(await rollouts.draw(requests, { signal: never })).toEqual(drawn);
    }
    expect(await sampler.metric('grm_rollout_policies_fetched')).toBe(2);
  });

  it('are all there when a sampler is killed in the middle: its task is handed out once more, and no other', async () => {
    const requests = [slowRequest, { ...slowRequest, temperature: 0.9 }];
    const here = await inProcess(slow, requests);
    const run = await ground();
    const rollouts = await run.rollouts();
    const samplers = [await run.sampler(), await run.sampler()];
    await rollouts.use(slow);
    const drawing = rollouts.draw(requests, { signal: never });
    const victim = await atWork(samplers);
    await victim.end('SIGKILL');
    expect(await drawing).toEqual(here);
    expect(rollouts.counts).toMatchObject({ published: 2, answered: 2, redelivered: 1, lost: 0, stale: 0 });
    expect(await tasksInQueue(run)).toBe(0);
  });

  it('are not drawn by weights that others have replaced: the task is refused', async () => {
    const run = await ground();
    const rollouts = await run.rollouts();
    const sampler = await run.sampler();
    await rollouts.use(nano);
    const asked = await new PolicyStore(run.connection, run.address).newest();
    await rollouts.use(learnt(nano));
    const newest = await new PolicyStore(run.connection, run.address).newest();
    if (asked === undefined) throw new Error('no policy was announced');
    const [request] = requestsOf(1);
    const policy = { revision: asked, bucket: run.names.policies.bucket, name: asked.slice('sha256:'.length) };
    const task = { ...request, version: 1, requestId: 'r', taskId: 't', replyTo: 'late.answers', policy, deadline: Date.now() + 60_000 } as RolloutTask;
    const answers: RolloutResult[] = [];
    run.connection.subscribe('late.answers', { callback: (_, message) => void answers.push(RolloutResult.parse(message.json())) });
    await jetstream(run.connection).publish(run.names.task, JSON.stringify(task));
    await waitUntil(() => answers.length > 0, { what: 'an answer' });
    expect(answers).toEqual([{ requestId: 'r', taskId: 't', stale: { asked, newest } }]);
    expect(await sampler.metric('grm_rollout_stale_tasks_total')).toBe(1);
  });

  it('are given up at once when the run is to stop: samplers stop, the queue is empty, and the next draw is not disturbed', async () => {
    const run = await ground();
    const rollouts = await run.rollouts({ inFlight: 8 });
    const sampler = await run.sampler();
    await rollouts.use(slow);
    const stop = new AbortController();
    const drawing = rollouts.draw(Array.from({ length: 20 }, () => slowRequest), { signal: stop.signal });
    await atWork([sampler]);
    stop.abort(new Error('the run is to stop'));
    await expect(drawing).rejects.toThrow('the run is to stop');
    await waitUntil(async () => (await tasksInQueue(run)) === 0 && (await sampler.metric('grm_work_tasks_in_flight')) === 0, { what: 'an idle sampler', withinMs: 10_000 });
    expect(await sampler.metric('grm_rollout_judgements_total')).toBe(0);
    await rollouts.use(nano);
    const requests = requestsOf(1);
    expect(await rollouts.draw(requests, { signal: never })).toEqual(await inProcess(nano, requests));
  });

  it('end in an error that says so when no sampler is there, and are drawn when one comes in time', async () => {
    const run = await ground();
    const impatient = await run.rollouts({ patienceMs: 2_000 });
    await impatient.use(nano);
    const began = Date.now();
    await expect(impatient.draw(requestsOf(2), { signal: never })).rejects.toThrow(/^no sampler of run test\/judge has been heard of for [23] s, while 2 tasks wait: /);
    expect(Date.now() - began).toBeLessThan(6_000);
    await impatient[Symbol.asyncDispose]();
    const patient = await run.rollouts();
    await patient.use(nano);
    const drawing = patient.draw(requestsOf(2), { signal: never });
    await run.sampler();
    expect(await drawing).toHaveLength(2);
  });
});
