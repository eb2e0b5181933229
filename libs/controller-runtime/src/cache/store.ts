import { type KubernetesObject, keyOf, keyText, type ObjectKey } from '../api/kubernetes-object.ts';

/** Values under which an object is found in an index. */
export type IndexFunction<T extends KubernetesObject> = (object: T) => readonly string[];

/** What is known of one kind. Objects are shared and frozen at the top: readers copy what they change. */
export interface Store<T extends KubernetesObject> {
  get(key: ObjectKey): T | undefined;
  list(namespace?: string): readonly T[];
  /** @throws Error for an index that was not declared. */
  byIndex(index: string, value: string): readonly T[];
  readonly size: number;
}

/** Index of every store: uid of the controlling owner. */
export const ownerIndex = 'owner';
const namespaceIndex = 'namespace';

export class IndexedStore<T extends KubernetesObject> implements Store<T> {
  readonly #objects = new Map<string, T>();
  readonly #functions: ReadonlyMap<string, IndexFunction<T>>;
  readonly #indexes = new Map<string, Map<string, Set<string>>>();

  constructor(indexes: Readonly<Record<string, IndexFunction<T>>> = {}) {
    const own: Record<string, IndexFunction<T>> = {
      [namespaceIndex]: ({ metadata }) => [metadata.namespace ?? ''],
      [ownerIndex]: ({ metadata }) => (metadata.ownerReferences ?? []).filter(({ controller }) => controller === true).map(({ uid }) => uid),
    };
    this.#functions = new Map(Object.entries({ ...own, ...indexes }));
    for (const name of this.#functions.keys()) this.#indexes.set(name, new Map());
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: ObjectKey): T | undefined {
    return this.#objects.get(keyText(key));
  }

  list(namespace?: string): readonly T[] {
    return namespace === undefined ? [...this.#objects.values()] : this.byIndex(namespaceIndex, namespace);
  }

  byIndex(index: string, value: string): readonly T[] {
    const keys = this.#index(index).get(value) ?? [];
    return [...keys].flatMap((key) => this.#objects.get(key) ?? []);
  }

  /** Stores an object and gives back what was there before. */
  put(object: T): T | undefined {
    const key = keyText(keyOf(object));
    const before = this.#objects.get(key);
    if (before !== undefined) this.#unindex(key, before);
    this.#objects.set(key, Object.freeze(object));
    for (const [name, valuesOf] of this.#functions) {
      for (const value of valuesOf(object)) {
        const index = this.#index(name);
        const keys = index.get(value);
        if (keys === undefined) index.set(value, new Set([key]));
        else keys.add(key);
      }
    }
    return before;
  }

  remove(key: ObjectKey): T | undefined {
    const text = keyText(key);
    const before = this.#objects.get(text);
    if (before === undefined) return undefined;
    this.#unindex(text, before);
    this.#objects.delete(text);
    return before;
  }

  #index(name: string): Map<string, Set<string>> {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new Error(`there is no index ${name}; declared are ${[...this.#indexes.keys()].join(', ')}`);
    return index;
  }

  #unindex(key: string, object: T): void {
    for (const [name, valuesOf] of this.#functions) {
      for (const value of valuesOf(object)) {
        const index = this.#index(name);
        const keys = index.get(value);
        keys?.delete(key);
        if (keys?.size === 0) index.delete(value);
      }
    }
  }
}
