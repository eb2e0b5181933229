import type { KubernetesObject, ObjectKey, ResourceType } from '@grm/controller-runtime';

export interface DeleteOptions {
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan';
  /** Only this very object, not another one of its name. */
  readonly uid?: string;
  readonly gracePeriodSeconds?: number;
}

/** What reconcilers ask of the API server. Reading is the informers' business. Every call has a deadline. */
export interface KubernetesClient {
  create<T extends KubernetesObject>(type: ResourceType<T>, object: T): Promise<T>;
  /** Server-side apply, with the operator as the one owner of what it sets. */
  apply<T extends KubernetesObject>(type: ResourceType<T>, object: T, options?: { readonly force?: boolean }): Promise<T>;
  patch<T extends KubernetesObject>(
    type: ResourceType<T>,
    key: ObjectKey,
    patch: unknown,
    options: { readonly type: 'merge' | 'json'; readonly subresource?: 'status' | 'scale' },
  ): Promise<T>;
  delete<T extends KubernetesObject>(type: ResourceType<T>, key: ObjectKey, options?: DeleteOptions): Promise<unknown>;
  evict(pod: ObjectKey): Promise<unknown>;
}
