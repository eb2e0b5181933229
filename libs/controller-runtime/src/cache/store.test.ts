import { expect, test } from 'vitest';
import type { KubernetesObject } from '../api/kubernetes-object.ts';
import { IndexedStore, ownerIndex } from './store.ts';

const pod = (name: string, metadata: Partial<KubernetesObject['metadata']> = {}): KubernetesObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'n', ...metadata } });
const names = (objects: readonly KubernetesObject[]) => objects.map(({ metadata }) => metadata.name);

test('objects are found by key, namespace, owner and declared index, and follow their changes', () => {
  const store = new IndexedStore<KubernetesObject>({ app: ({ metadata }) => Object.values(metadata.labels ?? {}) });
  const owner = { apiVersion: 'v1', kind: 'Job', name: 'job', uid: 'u-1' };
  store.put(pod('a', { labels: { app: 'x', tier: 'y' }, ownerReferences: [{ ...owner, controller: true }] }));
  store.put(pod('b', { namespace: 'other', labels: { app: 'x' }, ownerReferences: [owner] }));
  expect(names(store.byIndex('app', 'x'))).toEqual(['a', 'b']);
  expect(names(store.byIndex(ownerIndex, 'u-1'))).toEqual(['a']);
  expect(names(store.list('other'))).toEqual(['b']);
  store.put(pod('a', { labels: { app: 'z' } }));
  expect([store.byIndex('app', 'x'), store.byIndex('app', 'y'), store.byIndex('app', 'z'), store.byIndex(ownerIndex, 'u-1')].map(names)).toEqual([['b'], [], ['a'], []]);
  store.remove({ namespace: 'other', name: 'b' });
  expect(store.byIndex('app', 'x')).toEqual([]);
  expect(store.size).toBe(1);
});

test('an index that was not declared is an error that names those that are', () => {
  expect(() => new IndexedStore({ app: () => [] }).byIndex('apps', 'x')).toThrow('there is no index apps; declared are namespace, owner, app');
});

test('what is stored cannot be written to by its readers', () => {
  const store = new IndexedStore<KubernetesObject>();
  store.put(pod('a'));
  expect(Object.isFrozen(store.get({ namespace: 'n', name: 'a' }))).toBe(true);
});
