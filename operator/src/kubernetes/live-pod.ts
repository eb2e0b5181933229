import { type KubernetesObject, resourceType } from '@grm/controller-runtime';

/** A pod as the API server has it: the fields that decisions read. */
export interface LivePod extends KubernetesObject {
  readonly spec?: { readonly nodeName?: string };
  readonly status?: {
    readonly phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
    readonly reason?: string;
    readonly message?: string;
    readonly startTime?: string;
    readonly conditions?: readonly LivePodCondition[];
    readonly containerStatuses?: readonly LiveContainerStatus[];
    /** Of sidecars, too. */
    readonly initContainerStatuses?: readonly LiveContainerStatus[];
  };
}

export interface LivePodCondition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

export interface LiveContainerStatus {
  readonly name: string;
  readonly restartCount?: number;
  readonly ready?: boolean;
  readonly state?: LiveContainerState;
  readonly lastState?: LiveContainerState;
}

export interface LiveContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly running?: { readonly startedAt?: string };
  readonly terminated?: {
    readonly exitCode: number;
    readonly reason?: string;
    /** What the container left as its last words, or the end of its log. */
    readonly message?: string;
    readonly startedAt?: string;
    readonly finishedAt?: string;
  };
}

export const pods = resourceType<LivePod>({ apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true });
