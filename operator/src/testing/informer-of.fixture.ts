import { IndexedStore, type Informer, type KubernetesObject, type ResourceType } from '@grm/controller-runtime';

/** The cache of one kind, which holds what a test puts there: through `observe`, and `store.remove`. */
export function informerOf<T extends KubernetesObject>(type: ResourceType<T>, objects: readonly T[] = [], indexes: ConstructorParameters<typeof IndexedStore<T>>[0] = {}): Informer<T> & { readonly store: IndexedStore<T> } {
  const store = new IndexedStore<T>(indexes);
  for (const object of objects) store.put(object);
  return { type, store, synced: true, onChange: () => undefined, observe: (object) => void store.put(object) };
}
