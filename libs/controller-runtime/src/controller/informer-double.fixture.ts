import type { KubernetesObject } from '../api/kubernetes-object.ts';
import type { ResourceType } from '../api/resource-type.ts';
import type { ChangeHandler, Informer } from '../cache/informer.ts';
import { IndexedStore } from '../cache/store.ts';

/** An informer whose changes a test makes. */
export class InformerDouble<T extends KubernetesObject> implements Informer<T> {
  readonly type: ResourceType<T>;
  readonly store = new IndexedStore<T>();
  readonly synced = true;
  readonly #handlers: ChangeHandler<T>[] = [];

  constructor(type: ResourceType<T>) {
    this.type = type;
  }

  onChange(handler: ChangeHandler<T>): void {
    this.#handlers.push(handler);
  }

  observe(object: T): void {
    this.put(object);
  }

  put(after: T, initial = false): void {
    const before = this.store.put(after);
    for (const handler of this.#handlers) handler({ ...(before === undefined ? {} : { before }), after, initial });
  }
}
