import type { KubernetesObject, Store } from '@grm/controller-runtime';
import type { LiveClaim } from '../kubernetes/live-claim.ts';
import type { LiveDeployment } from '../kubernetes/live-deployment.ts';
import type { LiveJob } from '../kubernetes/live-job.ts';
import type { LivePod } from '../kubernetes/live-pod.ts';
import type { TrainingRunObject } from './training-run-object.ts';

/** What is read of an informer's cache. */
export type ReadStore<T extends KubernetesObject> = Omit<Store<T>, 'size'>;

/** The caches that runs are reconciled from. */
export interface RunStores {
  /** Indexed by `BASE_INDEX`. */
  readonly runs: ReadStore<TrainingRunObject>;
  readonly jobs: ReadStore<LiveJob>;
  /** Indexed by `RUN_INDEX`. */
  readonly pods: ReadStore<LivePod>;
  readonly deployments: ReadStore<LiveDeployment>;
  readonly claims: ReadStore<LiveClaim>;
}

/** Trainer pods by `<namespace>/<run>`. */
export const RUN_INDEX = 'run';
/** Runs by `<namespace>/<run that they start from>`. */
export const BASE_INDEX = 'base';

/** @returns the values of `RUN_INDEX`; none for pods that train nothing */
export function runOfPod({ metadata }: KubernetesObject): readonly string[] {
  const { labels = {}, namespace = '' } = metadata;
  const instance = labels['app.kubernetes.io/instance'];
  return instance !== undefined && labels['app.kubernetes.io/component'] === 'trainer' ? [`${namespace}/${instance}`] : [];
}
