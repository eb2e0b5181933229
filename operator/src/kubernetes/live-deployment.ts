import { type KubernetesObject, resourceType } from '@grm/controller-runtime';

/** A Deployment as the API server has it: the fields that decisions read. */
export interface LiveDeployment extends KubernetesObject {
  readonly spec?: {
    readonly replicas?: number;
    readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
    readonly template?: { readonly metadata?: object; readonly spec?: { readonly containers?: readonly { readonly name: string; readonly env?: readonly { readonly name: string; readonly value?: string }[] }[] } };
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly readyReplicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly unavailableReplicas?: number;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: 'True' | 'False' | 'Unknown';
      readonly reason?: string;
      readonly message?: string;
    }[];
  };
}

export const deployments = resourceType<LiveDeployment>({ apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', namespaced: true });
