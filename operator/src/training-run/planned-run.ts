import type { KubernetesObject } from '@grm/controller-runtime';
import type { Job } from '@grm/workloads';

/** The children of a run, as they would be made now. */
export interface PlannedRun {
  /** ConfigMap with the run as its trainer reads it. */
  readonly manifest: KubernetesObject;
  /** What the Job needs besides: volume, network policy. */
  readonly ground: readonly KubernetesObject[];
  readonly job: Job;
  /** Samplers of its own, and what they need; empty where the trainer draws by itself. */
  readonly rollouts: readonly KubernetesObject[];
}

/** Of the trainer. */
export const imageOf = ({ job }: PlannedRun): string => job.spec.template.spec.containers[0]?.image ?? '';
