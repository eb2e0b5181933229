import type { KubernetesObject, ObjectKey } from './kubernetes-object.ts';

/** One kind of object as the API server serves it. The type parameter says what its objects hold; nothing checks it at run time. */
export interface ResourceType<T extends KubernetesObject = KubernetesObject> {
  /** `v1`, or group and version: `apps/v1`. */
  readonly apiVersion: string;
  readonly kind: string;
  /** The resource's name in paths: `deployments`. */
  readonly plural: string;
  readonly namespaced: boolean;
  /** Never there: carries the type. */
  readonly object?: T;
}

export function resourceType<T extends KubernetesObject>(type: Omit<ResourceType<T>, 'object'>): ResourceType<T> {
  return type;
}

/** Path of a collection, or of one object of it. An empty namespace of a namespaced type means all of them. */
export function pathOf(type: ResourceType, { namespace = '', name, subresource }: Partial<ObjectKey> & { readonly subresource?: string }): string {
  const root = type.apiVersion.includes('/') ? `/apis/${type.apiVersion}` : `/api/${type.apiVersion}`;
  const parts = [root, ...(type.namespaced && namespace !== '' ? ['namespaces', encodeURIComponent(namespace)] : []), type.plural];
  if (name !== undefined) parts.push(encodeURIComponent(name));
  if (subresource !== undefined) parts.push(subresource);
  return parts.join('/');
}
