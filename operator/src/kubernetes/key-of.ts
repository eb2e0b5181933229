import type { KubernetesObject, ObjectKey } from '@grm/controller-runtime';

export const keyOf = ({ metadata }: KubernetesObject): ObjectKey => ({ namespace: metadata.namespace ?? '', name: metadata.name });
