import type { RunProgress } from '@grm/protocol';
import type { LiveDeployment } from '../../kubernetes/live-deployment.ts';
import type { LiveJob } from '../../kubernetes/live-job.ts';
import type { LiveContainerState, LivePod } from '../../kubernetes/live-pod.ts';
import type { ProgressFact } from '../../nats/progress/progress-fact.ts';
import type { RunFacts } from '../run-facts.ts';
import type { RunWishes } from '../run-wishes.ts';
import { CLEANUP_FINALIZER, type TrainingRunObject } from '../training-run-object.ts';

/** Seconds into the story. */
export const at = (seconds: number): Date => new Date(Date.UTC(2026, 0, 1) + seconds * 1000);
export const time = (seconds: number): string => `${at(seconds).toISOString().slice(0, 19)}Z`;

export const wishes: RunWishes = { suspend: false, suspendDeadlineSeconds: 120, heartbeatDeadlineSeconds: 300, queueName: '', rolloutReplicas: 0 };

export function run(metadata: Partial<TrainingRunObject['metadata']> = {}): TrainingRunObject {
  return {
    apiVersion: 'grm.dev/v1alpha1',
    kind: 'GRMTrainingRun',
    metadata: { namespace: 'team', name: 'nano', uid: 'u1', generation: 1, creationTimestamp: time(0), finalizers: [CLEANUP_FINALIZER], ...metadata },
    spec: {},
  };
}

export function job(status: LiveJob['status'] = { active: 1, startTime: time(1) }, change: { suspend?: boolean; deletionTimestamp?: string } = {}): LiveJob {
  const { deletionTimestamp, suspend = false } = change;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { namespace: 'team', name: 'grm-nano-trainer', uid: 'j1', creationTimestamp: time(1), ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) },
    spec: { suspend },
    status,
  };
}

export const jobCondition = (type: string, reason: string, message = '') => ({ type, status: 'True' as const, reason, message, lastTransitionTime: time(50) });

export function pod(change: { name?: string; node?: string; phase?: NonNullable<LivePod['status']>['phase']; state?: LiveContainerState; conditions?: NonNullable<LivePod['status']>['conditions']; deletionTimestamp?: string } = {}): LivePod {
  const { name = 'grm-nano-trainer-a', node, phase = 'Pending', state, conditions, deletionTimestamp } = change;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'team', name, uid: name, creationTimestamp: time(2), ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) },
    spec: node === undefined ? {} : { nodeName: node },
    status: { phase, ...(conditions === undefined ? {} : { conditions }), ...(state === undefined ? {} : { containerStatuses: [{ name: 'trainer', state }] }) },
  };
}

/** A pod whose trainer runs since then. */
export const runningPod = (since = 3, name = 'grm-nano-trainer-a'): LivePod => pod({ name, node: 'a100-0', phase: 'Running', state: { running: { startedAt: time(since) } } });

export const deployment = (): LiveDeployment => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { namespace: 'team', name: 'grm-nano-rollouts', uid: 'd1' } });

export function progress(change: Partial<RunProgress> = {}, heard = 5): ProgressFact {
  return {
    kind: 'known',
    progress: { phase: 'Running', stages: [{ name: 'grpo', state: 'Running', step: 1, steps: 10 }], updatedAt: at(heard).toISOString(), ...change },
    heardAt: at(heard),
    listeningSince: at(-100),
  };
}

/** A run that has just been created; each test says what is different. */
export function facts(change: Partial<RunFacts> & { readonly wishes?: Partial<RunWishes> } = {}): RunFacts {
  const { wishes: wished, ...rest } = change;
  return {
    now: at(10),
    run: run(),
    status: {},
    spec: { kind: 'valid', wishes: { ...wishes, ...wished } },
    base: { kind: 'none' },
    plannedJob: { name: 'grm-nano-trainer', image: 'grm:1' },
    job: undefined,
    jobIsOutdated: false,
    rollouts: undefined,
    claim: undefined,
    pods: [],
    progress: { kind: 'none', listeningSince: at(-100) },
    suspendCall: { kind: 'none' },
    cleanUp: { kind: 'none' },
    ...rest,
  };
}
