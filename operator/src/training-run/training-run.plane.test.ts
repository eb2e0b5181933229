import { type RunProgress, runSubjects } from '@grm/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '@grm/controller-runtime/testing';
import { jobs } from '../kubernetes/live-job.ts';
import { pods } from '../kubernetes/live-pod.ts';
import { planeGround } from './testing/plane-ground.fixture.ts';
import { type TrainingRunObject, trainingRuns } from './training-run-object.ts';

let ground: Awaited<ReturnType<typeof planeGround>>;
beforeAll(async () => {
  ground = await planeGround();
});
afterAll(() => ground[Symbol.asyncDispose]());

const inPhase = (phase: string) => (run: TrainingRunObject): boolean => run.status?.phase === phase;
const reasonOf = ({ status }: TrainingRunObject, type: string): string | undefined => status?.conditions?.find((condition) => condition.type === type)?.reason;
const checkpoint = { stage: 'rft', step: 7, time: '2026-01-01T00:00:00Z', uri: 'nats://grm-checkpoints/team.x/rft-00000007-ab.safetensors', digest: 'sha256:ab', verified: true };

/** From the manifest to a trainer that trains. */
async function training(name: string, spec: object = {}) {
  await ground.create(name, spec);
  const pod = await ground.placedPod(name);
  await ground.starts(pod);
  await ground.until(name, inPhase('Running'), `${name} to run`);
  return pod;
}

/** Ends the run, so that the next test has the node to itself. */
async function remove(name: string): Promise<void> {
  await ground.remove(name);
  await waitUntil(async () => {
    for (const pod of await ground.podsOf(name)) if (pod.metadata.deletionTimestamp !== undefined) await ground.leaves(pod, 75).catch(() => undefined);
    return (await ground.podsOf(name)).length === 0 ? true : undefined;
  }, { what: `the pods of ${name} to end`, withinMs: 60_000 });
  await ground.gone(trainingRuns, name);
}

/** Events are written beside the work, so they may come a moment later. */
const isTold = (name: string, reason: string): Promise<boolean> => waitUntil(async () => (await ground.eventsOf(name)).includes(reason), { what: `the event ${reason} of ${name}` });

describe('a training run on a real control plane', () => {
  it('has its children, says so, costs ten requests at most, and none at rest', async () => {
    const before = ground.requests();
    await training('created');
    await ground.eventsOf('created');
    const cost = ground.requests() - before;
    expect(cost).toBeLessThanOrEqual(10);
    const run = await ground.get('created');
    expect(run.status).toMatchObject({ phase: 'Running', jobName: 'grm-created-trainer', image: 'grm:test', observedGeneration: 1 });
    expect(await ground.eventsOf('created')).toEqual(['Created', 'Started']);
    const sent = ground.sent();
    await ground.says('created', {});
    await ground.until('created', (seen) => reasonOf(seen, 'Progressing') === 'StageRunning', 'the trainer to be heard');
    expect(ground.sent().get('PATCH grmtrainingruns')).toBe((sent.get('PATCH grmtrainingruns') ?? 0) + 1);
    await remove('created');
  });

  it('that its trainer refuses is not tried again', async () => {
    await ground.ends(await training('wrong'), 2);
    expect(reasonOf(await ground.until('wrong', inPhase('Failed'), 'the end'), 'Failed')).toBe('InvalidRun');
    expect(await ground.podsOf('wrong')).toHaveLength(1);
    await remove('wrong');
  });

  it('is suspended with its checkpoint, and goes on from there', async () => {
    const pod = await training('pauses');
    const saved: RunProgress = { phase: 'Suspended', stages: [], checkpoint, updatedAt: new Date().toISOString() };
    const asked = ground.trainer.subscribe(runSubjects({ namespace: ground.namespace, run: 'pauses' }).suspend, { callback: (_, message) => void message.respond(JSON.stringify(saved)) });
    await ground.change('pauses', { suspend: true });
    const told = await ground.endingPod('pauses');
    await ground.until('pauses', inPhase('Suspending'), 'it to say that it is being suspended');
    await ground.leaves(told, 75);
    const suspended = await ground.until('pauses', inPhase('Suspended'), 'it to be suspended');
    expect(suspended.status?.suspension).toMatchObject({ acknowledged: true, checkpoint: 'rft-00000007-ab.safetensors' });
    expect((await ground.job('pauses')).spec.suspend).toBe(true);
    asked.unsubscribe();

    await ground.change('pauses', { suspend: false });
    const next = await ground.placedPod('pauses', [pod.metadata.name]);
    await ground.starts(next);
    await ground.until('pauses', inPhase('Running'), 'it to go on');
    await waitUntil(async () => (await ground.eventsOf('pauses')).length >= 6, { what: 'the events of pauses' });
    expect((await ground.eventsOf('pauses')).slice(2)).toEqual(['Suspending', 'Suspended', 'Resumed', 'Started']);
    expect((await ground.job('pauses')).status?.failed ?? 0).toBe(0);
    await remove('pauses');
  });

  it('whose changed spec takes effect when it goes on has a new Job then, and no other before', async () => {
    await training('changes');
    const { uid } = (await ground.job('changes')).metadata;
    await ground.change('changes', { backoffLimit: 7 });
    await ground.until('changes', ({ metadata, status }) => status?.observedGeneration === metadata.generation, 'the change to be seen');
    expect((await ground.job('changes')).metadata.uid).toBe(uid);
    await ground.change('changes', { suspend: true });
    const told = await ground.endingPod('changes');
    await ground.leaves(told, 75);
    await ground.until('changes', inPhase('Suspended'), 'it to be suspended');
    await ground.change('changes', { suspend: false });
    const job = await waitUntil(async () => {
      const found = await ground.job('changes').catch(() => undefined);
      return found !== undefined && found.metadata.uid !== uid ? found : undefined;
    }, { what: 'a new Job', withinMs: 30_000 });
    expect(job.spec.backoffLimit).toBe(7);
    await remove('changes');
  });

  it('that ends is Complete, with its artefacts, and keeps its Job', async () => {
    const pod = await training('ends');
    await ground.says('ends', { phase: 'Complete', stages: [{ name: 'rft', state: 'Complete', step: 10, steps: 10 }], artifacts: { policy: { uri: 'nats://grm-models/x', digest: 'sha256:cd' } } });
    await ground.ends(pod, 0);
    const run = await ground.until('ends', inPhase('Complete'), 'the end');
    expect(run.status).toMatchObject({ artifacts: { policy: { digest: 'sha256:cd' } }, stages: [{ state: 'Complete' }] });
    expect((await ground.job('ends')).status?.succeeded).toBe(1);
    await remove('ends');
  });

  it('in a queue starts when Kueue lets it, gives its quota back when it is suspended, and queues again', async () => {
    const letGo = () => ground.plane.client.patch(jobs, { namespace: ground.namespace, name: 'grm-queued-trainer' }, { spec: { suspend: false } }, { type: 'merge' });
    await ground.create('queued', { queueName: 'gpus' });
    const queued = await ground.until('queued', inPhase('Queued'), 'it to queue');
    expect(reasonOf(queued, 'Scheduled')).toBe('WaitingForQueue');
    const { uid, labels } = (await ground.job('queued')).metadata;
    expect(labels).toMatchObject({ 'kueue.x-k8s.io/queue-name': 'gpus' });
    await letGo();
    await ground.starts(await ground.placedPod('queued'));
    await ground.until('queued', inPhase('Running'), 'it to run');

    await ground.change('queued', { suspend: true });
    await ground.leaves(await ground.endingPod('queued'), 75);
    await ground.until('queued', inPhase('Suspended'), 'it to be suspended');
    await ground.gone(jobs, 'grm-queued-trainer');
    await ground.change('queued', { suspend: false });
    await ground.until('queued', inPhase('Queued'), 'it to queue again');
    const again = await ground.job('queued');
    expect(again).toMatchObject({ spec: { suspend: true } });
    expect(again.metadata.uid).not.toBe(uid);
    await remove('queued');
  });

  it('that starts from another run waits for its policy, whichever of them was applied first', async () => {
    await ground.create('second', { base: { trainingRun: { name: 'first' } } });
    await ground.until('second', (run) => reasonOf(run, 'Accepted') === 'RunNotFound', 'it to miss its base');
    const pod = await training('first');
    await ground.until('second', (run) => reasonOf(run, 'Accepted') === 'WaitingForRun', 'it to wait for its base');
    const policy = { uri: 'nats://grm-models/team.first/policy', digest: 'sha256:cd' };
    await ground.says('first', { phase: 'Complete', artifacts: { policy } });
    await ground.ends(pod, 0);
    await ground.until('second', (run) => run.status?.jobName !== undefined, 'it to start');
    expect(await ground.plane.kubectl(['get', 'configmap', 'grm-second-trainer', '--namespace', ground.namespace, '--output', 'jsonpath={.data.run\\.json}'])).toContain(`${policy.uri}#${policy.digest}`);
    await remove('second');
    await remove('first');
  });

  it('is deleted when its time is over', async () => {
    await ground.ends(await training('brief', { ttlSecondsAfterFinished: 1 }), 0);
    await ground.gone(trainingRuns, 'brief');
    expect(await isTold('brief', 'Expired')).toBe(true);
  });
});

// Each of these waits for half a minute.
describe.concurrent('a trainer that is lost, or fails,', () => {
  it('is started again as often as its run allows, and one that was told to stop did not fail', async () => {
    const first = await training('fails', { backoffLimit: 1 });
    await ground.ends(first, 75);
    const second = await ground.placedPod('fails', [first.metadata.name]);
    await ground.starts(second);
    await ground.ends(second, 1);
    const run = await ground.until('fails', ({ status }) => status?.restarts === 1, 'the failure to count');
    expect(run.status).toMatchObject({ lastFailure: { pod: second.metadata.name, exitCode: 1 } });
    const third = await ground.placedPod('fails', [first.metadata.name, second.metadata.name]);
    await ground.starts(third);
    await ground.ends(third, 1);
    const failed = await ground.until('fails', inPhase('Failed'), 'the end');
    expect(reasonOf(failed, 'Failed')).toBe('BackoffLimitExceeded');
    await remove('fails');
  });

  it('with its node is replaced half a minute after its grace, and does not count', async () => {
    const pod = await training('lost', { backoffLimit: 0 });
    await ground.plane.client.delete(pods, { namespace: ground.namespace, name: pod.metadata.name }, { gracePeriodSeconds: 1 });
    const next = await ground.placedPod('lost', [pod.metadata.name]);
    await ground.starts(next);
    const run = await ground.until('lost', ({ status }) => status?.phase === 'Running' && status.trainer?.pod === next.metadata.name, 'it to go on');
    expect((await ground.job('lost')).status?.failed ?? 0).toBe(0);
    await isTold('lost', 'NodeLost');
    expect(reasonOf(run, 'Failed')).toBe('NotFailed');
    await remove('lost');
  });

  it('in silence is evicted at its deadline, and does not count', async () => {
    const pod = await training('silent', { backoffLimit: 0, heartbeatDeadlineSeconds: 30 });
    await ground.says('silent', {});
    const evicted = await ground.endingPod('silent');
    expect(evicted.metadata.name).toBe(pod.metadata.name);
    expect(evicted.status?.conditions).toContainEqual(expect.objectContaining({ type: 'DisruptionTarget', status: 'True' }));
    await ground.leaves(evicted, 1);
    const next = await ground.placedPod('silent', [pod.metadata.name]);
    await ground.starts(next);
    await ground.until('silent', ({ status }) => status?.phase === 'Running' && status.trainer?.pod === next.metadata.name, 'it to go on');
    expect((await ground.job('silent')).status?.failed ?? 0).toBe(0);
    await isTold('silent', 'HeartbeatLost');
    await remove('silent');
  });
});

describe('without NATS', () => {
  it('a run that is deleted goes all the same, and says what it leaves', async () => {
    await training('goes');
    await ground.server.stop();
    await ground.remove('goes');
    const told = await ground.endingPod('goes');
    await ground.leaves(told, 75);
    await ground.gone(jobs, 'grm-goes-trainer');
    await ground.gone(trainingRuns, 'goes');
    expect(await isTold('goes', 'CleanupFailed')).toBe(true);
    await ground.server.start();
  });
});
