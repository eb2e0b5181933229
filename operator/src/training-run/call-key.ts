import type { KubernetesObject, ObjectKey } from '@grm/controller-runtime';

/** Names a call about one object: another object of its name, made after it was deleted, is another one. */
export const callKey = ({ metadata }: KubernetesObject): string => `${metadata.namespace ?? ''}/${metadata.name}/${metadata.uid ?? ''}`;

/** The object that a call is about. */
export function objectOfCall(key: string): ObjectKey {
  const [namespace = '', name = ''] = key.split('/');
  return { namespace, name };
}
