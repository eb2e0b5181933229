import { IndexedStore, type Informer, keyOf, type KubernetesObject } from '@grm/controller-runtime';
import { expect, it } from 'vitest';
import { ChildCache } from './child-cache.ts';
import { configMaps } from './child-types.ts';

const owner = { apiVersion: 'grm.dev/v1alpha1', kind: 'GRMTrainingRun', metadata: { namespace: 'team', name: 'nano' } };
const child = (resourceVersion: string): KubernetesObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'team', name: 'a', resourceVersion } });

function ground() {
  let now = 0;
  const store = new IndexedStore<KubernetesObject>();
  const informer: Informer<KubernetesObject> = { type: configMaps, store, synced: true, onChange: () => undefined, observe: (object) => void store.put(object) };
  const cache = new ChildCache([informer], { monotonic: () => now });
  return { store, cache, forward: (seconds: number) => (now += seconds * 1000), stale: () => cache.staleFor(keyOf(owner)) };
}

it('what was made is waited for until it is in the cache', () => {
  const { store, cache, stale } = ground();
  expect(stale()).toBeUndefined();
  cache.wrote(owner, child('1'));
  expect(stale()).toBe(10);
  store.put(child('1'));
  expect(stale()).toBeUndefined();
});

it('what somebody deletes before it is seen is not waited for for ever', () => {
  const { cache, forward, stale } = ground();
  cache.wrote(owner, child('1'));
  forward(10);
  expect(stale()).toBeUndefined();
});

it('what was changed is in the cache at once', () => {
  const { store, cache, stale } = ground();
  store.put(child('1'));
  cache.wrote(owner, child('2'));
  expect(cache.live(child('0'))?.metadata.resourceVersion).toBe('2');
  expect(stale()).toBeUndefined();
});

it('a kind that nobody follows is a mistake', () => {
  expect(() => ground().cache.live({ ...child('1'), kind: 'Secret' })).toThrow('no informer follows Secret of v1');
});
