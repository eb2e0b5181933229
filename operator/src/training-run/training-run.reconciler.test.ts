import type { RunProgress } from '@grm/protocol';
import { describe, expect, it } from 'vitest';
import { refused } from './testing/memory-cluster.fixture.ts';
import { at, time } from './testing/facts.fixture.ts';
import { runGround } from './testing/run-ground.fixture.ts';
import { CLEANUP_FINALIZER } from './training-run-object.ts';

const spec = { base: { builtin: 'nano-base' }, data: [{ name: 'pairs', builtin: 'nanobench' }], stages: { rft: {} }, checkpoint: { to: { objectStore: { bucket: 'grm-checkpoints' } } } };
const checkpoint = { stage: 'rft', step: 7, time: time(4), uri: 'nats://grm-checkpoints/team.nano/rft-00000007-ab.safetensors', digest: 'sha256:ab', verified: true };
const said = (change: Partial<RunProgress> = {}): RunProgress => ({ phase: 'Running', stages: [{ name: 'rft', state: 'Running', step: 7, steps: 10 }], checkpoint, updatedAt: time(5), ...change });

type Ground = ReturnType<typeof runGround>;

/** From the manifest to a trainer that trains. */
async function training(ground: Ground): Promise<Ground> {
  await ground.settle();
  ground.forward(5);
  ground.job({ active: 1, startTime: time(5) });
  ground.pod({ phase: 'Running', containerStatuses: [{ name: 'trainer', state: { running: { startedAt: at(ground.seconds()).toISOString() } } }] });
  ground.nats.say(said());
  await ground.settle();
  return ground;
}

const conditionOf = (ground: Ground, type: string): string => {
  const found = ground.run().status?.conditions?.find((condition) => condition.type === type);
  return `${found?.status}/${found?.reason}`;
};

describe('a run', () => {
  it('has its children, and is Running, with ten requests at most', async () => {
    const ground = await training(runGround(spec));
    expect(ground.cluster.requests).toEqual([
      'patch GRMTrainingRun nano',
      'create ConfigMap grm-nano-trainer',
      'create PersistentVolumeClaim grm-nano-trainer',
      'create NetworkPolicy grm-nano-trainer',
      'create Job grm-nano-trainer',
      'patch GRMTrainingRun/status nano',
      'patch GRMTrainingRun/status nano',
    ]);
    // Each is one request more.
    expect(ground.events.map((event) => event.split(':')[0])).toEqual(['Normal Created', 'Normal Started']);
    expect(ground.run().status).toMatchObject({ phase: 'Running', jobName: 'grm-nano-trainer', image: 'grm:test', observedGeneration: 1 });
  });

  it('at rest asks nothing of the API server, and is looked at when the trainer may be lost', async () => {
    const ground = await training(runGround(spec));
    const before = ground.cluster.requests.length;
    expect(await ground.reconcile()).toEqual({ kind: 'after', seconds: 300 });
    expect(ground.cluster.requests).toHaveLength(before);
  });

  it('whose Job somebody deletes gets it again', async () => {
    const ground = await training(runGround(spec));
    await ground.cluster.delete({ apiVersion: 'batch/v1', kind: 'Job', plural: 'jobs', namespaced: true }, { ...ground.key, name: 'grm-nano-trainer' });
    await ground.settle();
    expect(ground.cluster.names()).toContain('Job grm-nano-trainer');
  });

  it('sees its own writes before its cache does, and never overwrites what it has not seen', async () => {
    const ground = runGround(spec);
    ground.cluster.refuse = (request) => (request === 'patch GRMTrainingRun/status nano' ? refused(409, 'it has changed') : undefined);
    await expect(ground.reconcile()).rejects.toThrow('it has changed');
    ground.cluster.refuse = () => undefined;
    await ground.settle();
    expect(ground.cluster.requests.filter((request) => request.startsWith('create Job'))).toHaveLength(1);
    expect(ground.run().status?.phase).toBe('Pending');
  });

  it('says what the API server refuses, keeps trying, and observes nothing meanwhile', async () => {
    const ground = runGround(spec);
    ground.cluster.refuse = (request) => (request.startsWith('create Job') ? refused(403, 'exceeded quota: gpus') : undefined);
    expect(await ground.reconcile()).toEqual({ kind: 'after', seconds: 15 });
    expect(conditionOf(ground, 'Progressing')).toBe('False/ApplyFailed');
    expect(ground.run().status).not.toHaveProperty('observedGeneration');
    expect(ground.run().status).not.toHaveProperty('jobName');
    ground.cluster.refuse = () => undefined;
    await ground.settle();
    expect(conditionOf(ground, 'Progressing')).toBe('Unknown/Starting');
    expect(ground.run().status).toMatchObject({ observedGeneration: 1, jobName: 'grm-nano-trainer' });
  });

  it('with samplers waits for NATS, and says so', async () => {
    const ground = runGround({ ...spec, rollouts: { replicas: 2 } });
    ground.nats.up = false;
    await ground.reconcile();
    expect(conditionOf(ground, 'Progressing')).toBe('Unknown/NatsUnavailable');
    expect(ground.cluster.names()).toEqual(['GRMTrainingRun nano']);
    ground.nats.up = true;
    await ground.settle();
    expect(ground.nats.done).toEqual(['ensure rollouts']);
    expect(ground.cluster.names()).toContain('Deployment grm-nano-rollouts');
  });

  it('that is not understood is left alone and says why', async () => {
    const ground = runGround({ ...spec, stages: { dream: {} } });
    await ground.settle();
    expect(conditionOf(ground, 'Accepted')).toBe('False/InvalidSpec');
    expect(ground.cluster.names()).toEqual(['GRMTrainingRun nano']);
  });
});

describe('suspending and resuming', () => {
  it('is told to the trainer, waits for its checkpoint, stops the Job, and goes on from there', async () => {
    const ground = await training(runGround(spec));
    const { promise, resolve } = Promise.withResolvers<void>();
    ground.nats.answer = async () => {
      await promise;
      return { kind: 'suspended', progress: said({ phase: 'Suspended' }) };
    };
    ground.spec({ suspend: true });
    await ground.settle();
    expect(ground.run().status).toMatchObject({ phase: 'Suspending', suspension: { acknowledged: false } });
    expect(ground.cluster.requests).not.toContain('patch Job grm-nano-trainer');

    const ended = ground.callEnded();
    resolve();
    await ended;
    await ground.settle();
    expect(ground.cluster.requests).toContain('patch Job grm-nano-trainer');
    ground.cluster.remove({ apiVersion: 'v1', kind: 'Pod', metadata: { ...ground.key, name: 'grm-nano-trainer-a' } });
    ground.job({});
    await ground.settle();
    expect(ground.run().status).toMatchObject({ phase: 'Suspended', suspension: { acknowledged: true, checkpoint: 'rft-00000007-ab.safetensors' } });

    ground.spec({ suspend: false });
    await ground.settle();
    expect(ground.run().status).toMatchObject({ phase: 'Pending' });
    expect(ground.run().status).not.toHaveProperty('suspension');
    expect(ground.events.slice(2)).toEqual([
      'Normal Suspending: the trainer is asked to save a checkpoint',
      'Normal Suspended: nothing of the run is running; it goes on from checkpoint rft-00000007-ab.safetensors when spec.suspend is false',
      'Normal Resumed: the run goes on from checkpoint rft-00000007-ab.safetensors',
    ]);
    expect(ground.cluster.find({ apiVersion: 'batch/v1', kind: 'Job', metadata: { ...ground.key, name: 'grm-nano-trainer' } })).toMatchObject({ spec: { suspend: false } });
  });
});

describe('a lost trainer', () => {
  it('that is silent is evicted once, and the next one has the whole time', async () => {
    const ground = await training(runGround(spec));
    ground.forward(300);
    await ground.reconcile();
    expect(ground.cluster.requests.filter((request) => request.startsWith('evict'))).toEqual(['evict Pod grm-nano-trainer-a']);
    expect(conditionOf(ground, 'Progressing')).toBe('False/HeartbeatLost');
    expect(ground.events.at(-1)).toContain('Warning HeartbeatLost: the trainer in pod grm-nano-trainer-a has been silent for 300 s');
    ground.pod({ phase: 'Running', containerStatuses: [{ name: 'trainer', state: { running: { startedAt: at(ground.seconds()).toISOString() } } }] }, 'grm-nano-trainer-b');
    expect(await ground.settle()).toEqual({ kind: 'after', seconds: 300 });
  });

  it('on a node that does not answer is marked as disrupted before it is given up, so that it does not count', async () => {
    const ground = await training(runGround(spec));
    const pod = ground.cluster.find({ apiVersion: 'v1', kind: 'Pod', metadata: { ...ground.key, name: 'grm-nano-trainer-a' } });
    ground.cluster.put({ ...pod, apiVersion: 'v1', kind: 'Pod', metadata: { ...ground.key, name: 'grm-nano-trainer-a', ...pod?.metadata, deletionTimestamp: at(ground.seconds()).toISOString() } });
    ground.forward(31);
    await ground.reconcile();
    expect(ground.cluster.requests.slice(-2)).toEqual(['patch Pod/status grm-nano-trainer-a', 'delete Pod grm-nano-trainer-a at once']);
    expect(ground.events.at(-1)).toContain('Warning NodeLost');
  });
});

describe('the end of a run', () => {
  const complete = { conditions: [{ type: 'Complete', status: 'True', reason: 'CompletionsReached', lastTransitionTime: time(60) } as const], completionTime: time(60) };
  const artifacts = { policy: { uri: 'nats://grm-models/team.nano/policy', digest: 'sha256:cd' } };

  it('names its artefacts, also those that are heard of after NATS was away', async () => {
    const ground = await training(runGround(spec));
    ground.nats.up = false;
    ground.job(complete);
    await ground.settle();
    expect(ground.run().status).toMatchObject({ phase: 'Complete', finishedAt: time(60), stages: [{ step: 7 }] });
    ground.nats.up = true;
    ground.nats.say(said({ phase: 'Complete', stages: [{ name: 'rft', state: 'Complete', step: 10, steps: 10 }], artifacts }));
    await ground.settle();
    expect(ground.run().status).toMatchObject({ artifacts, stages: [{ state: 'Complete' }] });
    expect(ground.cluster.names()).toContain('Job grm-nano-trainer');
  });
});

describe('deleting a run', () => {
  const remove = (ground: Ground): Promise<void> => ground.cluster.delete({ apiVersion: 'grm.dev/v1alpha1', kind: 'GRMTrainingRun', plural: 'grmtrainingruns', namespaced: true }, ground.key);

  it('releases GPUs first, then cleans up, and leaves nothing', async () => {
    const ground = await training(runGround(spec));
    await remove(ground);
    await ground.reconcile();
    expect(ground.run().status).toMatchObject({ phase: 'Deleting' });
    expect(conditionOf(ground, 'DeletionBlocked')).toBe('True/ReleasingPods');
    const ended = ground.callEnded();
    await ground.reconcile();
    expect(conditionOf(ground, 'DeletionBlocked')).toBe('True/CleaningUp');
    await ended;
    await ground.settle();
    expect(ground.nats.done).toEqual(['remove rollouts', 'remove checkpoints', 'remove progress']);
    expect(ground.cluster.names()).toEqual([]);
  });

  it('that never started needs no NATS', async () => {
    const ground = runGround({ ...spec, suspend: true });
    await ground.settle();
    ground.nats.up = false;
    await remove(ground);
    await ground.settle();
    expect(ground.isGone()).toBe(true);
  });

  it('at once leaves the rest behind, and says so', async () => {
    const ground = await training(runGround(spec));
    ground.nats.up = false;
    ground.cluster.put({ ...ground.run(), metadata: { ...ground.run().metadata, annotations: { 'grm.dev/force-delete': 'true' } } });
    await remove(ground);
    await ground.reconcile();
    expect(ground.isGone()).toBe(true);
    expect(ground.events.at(-1)).toContain('Warning CleanupFailed: the run goes and leaves something behind');
  });

  it('leaves finalizers of others alone', async () => {
    const ground = await training(runGround(spec));
    ground.cluster.put({ ...ground.run(), metadata: { ...ground.run().metadata, finalizers: ['theirs', CLEANUP_FINALIZER] } });
    await remove(ground);
    const ended = ground.callEnded();
    await ground.settle();
    await ended;
    await ground.settle();
    expect(ground.run().metadata.finalizers).toEqual(['theirs']);
  });
});
