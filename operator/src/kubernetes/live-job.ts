import { type KubernetesObject, resourceType } from '@grm/controller-runtime';

/** A Job as the API server has it: the fields that decisions read. */
export interface LiveJob extends KubernetesObject {
  readonly spec: {
    readonly suspend?: boolean;
    readonly backoffLimit?: number;
  };
  readonly status?: {
    /** Gone again when a Job is suspended. */
    readonly startTime?: string;
    readonly completionTime?: string;
    /** Pods that are there and not ended, those that wait for a node among them. */
    readonly active?: number;
    /** Pods that were told to end and have not ended yet. */
    readonly terminating?: number;
    /** Pods that failed and counted: what the pod failure policy ignores is not among them. */
    readonly failed?: number;
    readonly succeeded?: number;
    readonly conditions?: readonly LiveJobCondition[];
  };
}

/** `FailureTarget` and `SuccessCriteriaMet` come first, while pods still end; `Failed` and `Complete` once they have. */
export interface LiveJobCondition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

export const jobs = resourceType<LiveJob>({ apiVersion: 'batch/v1', kind: 'Job', plural: 'jobs', namespaced: true });
