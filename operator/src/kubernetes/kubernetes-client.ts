import type { ApiClient } from '@grm/controller-runtime';

/** What reconcilers ask of the API server. Reading is the informers' business. */
export type KubernetesClient = Pick<ApiClient, 'create' | 'apply' | 'patch' | 'delete' | 'evict'>;
