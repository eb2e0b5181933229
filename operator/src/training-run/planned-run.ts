import type { KubernetesObject } from '@grm/controller-runtime';

/** The children of a run, as they would be made now. */
export interface PlannedRun {
  /** ConfigMap with the run as its trainer reads it. */
  readonly manifest: KubernetesObject;
  /** What the Job needs besides: volume, network policy, account. */
  readonly ground: readonly KubernetesObject[];
  readonly job: KubernetesObject & { readonly spec: PlannedJobSpec };
  /** Samplers of its own, and what they need; empty where the trainer draws by itself. */
  readonly rollouts: readonly KubernetesObject[];
}

interface PlannedJobSpec {
  readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } };
}

/** Of the trainer. */
export const imageOf = ({ job }: PlannedRun): string => job.spec.template.spec.containers[0]?.image ?? '';
