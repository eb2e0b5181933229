import { pino } from 'pino';
import { BackgroundCalls } from '../../background/background-calls.ts';
import { claims } from '../../kubernetes/live-claim.ts';
import { deployments } from '../../kubernetes/live-deployment.ts';
import { jobs, type LiveJob } from '../../kubernetes/live-job.ts';
import { type LivePod, pods } from '../../kubernetes/live-pod.ts';
import { planRun } from '../plan-run.ts';
import type { RunEvent } from '../run-events.ts';
import { runOfPod } from '../run-stores.ts';
import { trainingRuns, type TrainingRunObject } from '../training-run-object.ts';
import { TrainingRunReconciler } from '../training-run.reconciler.ts';
import { at } from './facts.fixture.ts';
import { MemoryCluster } from './memory-cluster.fixture.ts';
import { ScriptedNats } from './scripted-nats.fixture.ts';
import { site } from './site.fixture.ts';

const key = { namespace: 'team', name: 'nano' };

/** One run on a cluster in memory, with a clock and a Job that a test moves by hand. */
export function runGround(spec: object) {
  let seconds = 0;
  const now = (): Date => at(seconds);
  const cluster = new MemoryCluster(now);
  const nats = new ScriptedNats(now);
  const events: string[] = [];
  const ended: string[] = [];
  const whenEnded = new Set<() => void>();
  const tellEnd = (call: string): void => {
    ended.push(call);
    for (const tell of whenEnded) tell();
  };
  const reconciler = new TrainingRunReconciler({
    client: cluster,
    nats,
    suspendCalls: new BackgroundCalls({ limit: 10, ended: tellEnd }),
    cleanUps: new BackgroundCalls({ limit: 10, ended: tellEnd }),
    stores: {
      runs: cluster.store(trainingRuns),
      jobs: cluster.store(jobs),
      pods: cluster.store(pods, runOfPod),
      deployments: cluster.store(deployments),
      claims: cluster.store(claims),
    },
    children: { live: (object) => cluster.find(object), wrote: () => undefined, staleFor: () => undefined },
    observe: () => undefined,
    isCurrent: () => true,
    isOutdated: () => false,
    plan: (run, basePolicy) => planRun(run, { site, planner: '1', ...(basePolicy === undefined ? {} : { basePolicy }) }),
    now,
    record: (_: TrainingRunObject, { type, reason, message }: RunEvent) => events.push(`${type} ${reason}: ${message}`),
  });
  const log = pino({ level: 'silent' });
  const found = (): TrainingRunObject | undefined => cluster.store(trainingRuns).get(key);
  cluster.put({ apiVersion: 'grm.dev/v1alpha1', kind: 'GRMTrainingRun', metadata: { ...key, generation: 1 }, spec });
  return {
    cluster, nats, events, key, reconciler,
    run: () => {
      const run = found();
      if (run === undefined) throw new Error('the run is gone');
      return run;
    },
    isGone: () => found() === undefined,
    forward: (by: number) => (seconds += by),
    seconds: () => seconds,
    /** Until the call beside the reconciles has ended. */
    callEnded: () =>
      new Promise<void>((resolve) => {
        const tell = (): void => {
          whenEnded.delete(tell);
          resolve();
        };
        whenEnded.add(tell);
      }),
    reconcile: () => reconciler.reconcile(key, { log }),
    /** Until nothing is to be done at once. */
    settle: async () => {
      for (let round = 0; round < 10; round += 1) {
        const before = cluster.requests.length;
        const result = await reconciler.reconcile(key, { log });
        if (cluster.requests.length === before && !(result.kind === 'after' && result.seconds === 0)) return result;
      }
      throw new Error('it does not come to rest');
    },
    spec: (change: object) => {
      const run = found();
      if (run !== undefined) cluster.put({ ...run, spec: { ...(run.spec as object), ...change }, metadata: { ...run.metadata, generation: (run.metadata.generation ?? 0) + 1 } });
    },
    job: (status: LiveJob['status']) => {
      const job = cluster.store(jobs).get({ ...key, name: 'grm-nano-trainer' });
      if (job === undefined) throw new Error('there is no Job');
      cluster.put<LiveJob>({ ...job, ...(status === undefined ? {} : { status }) });
    },
    pod: (status: LivePod['status'], name = 'grm-nano-trainer-a') => {
      const owner = cluster.store(jobs).get({ ...key, name: 'grm-nano-trainer' });
      const labels = { 'app.kubernetes.io/instance': 'nano', 'app.kubernetes.io/component': 'trainer' };
      const reference = { apiVersion: 'batch/v1', kind: 'Job', name: 'grm-nano-trainer', uid: owner?.metadata.uid ?? '', controller: true };
      cluster.put<LivePod>({ apiVersion: 'v1', kind: 'Pod', metadata: { ...key, name, labels, ownerReferences: [reference] }, spec: { nodeName: 'a100-0' }, ...(status === undefined ? {} : { status }) });
    },
  };
}
