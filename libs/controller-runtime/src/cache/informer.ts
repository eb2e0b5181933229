import type { Logger } from 'pino';
import type { ApiClient } from '../api/api-client.ts';
import { type KubernetesObject, keyOf, keyText } from '../api/kubernetes-object.ts';
import type { ResourceType } from '../api/resource-type.ts';
import type { RuntimeMetrics } from '../metrics/runtime-metrics.ts';
import type { Clock } from '../time/clock.ts';
import { Reflector } from './reflector.ts';
import { type IndexFunction, IndexedStore, type Store } from './store.ts';

export interface InformerOptions<T extends KubernetesObject> {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** What is kept of an object; `managedFields` never are. */
  readonly transform?: (object: T) => T;
  readonly indexes?: Readonly<Record<string, IndexFunction<T>>>;
}

/** One object has changed. `before` is absent for a new one, `after` for one that is gone; `initial` when it came with a list. */
export interface Change<T> {
  readonly before?: T;
  readonly after?: T;
  readonly initial: boolean;
}

export type ChangeHandler<T> = (change: Change<T>) => void;

/** A store that follows the API server, and tells of each change. */
export interface Informer<T extends KubernetesObject> {
  readonly type: ResourceType<T>;
  readonly store: Store<T>;
  /** Whether the first list is in. */
  readonly synced: boolean;
  /** A handler that throws is logged and counted; the others, and later changes, still arrive. */
  onChange(handler: ChangeHandler<T>): void;
  /**
   * Takes an object that a write has answered with in place of the older one in the store: what was changed is read at once.
   * One that is not in the store is left to the watch: it may be gone by now.
   */
  observe(object: T): void;
}

export interface InformerContext {
  readonly client: Pick<ApiClient, 'listPage' | 'watch'>;
  readonly namespaces: readonly string[] | 'all';
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: () => number;
  readonly metrics?: RuntimeMetrics;
  readonly inactivityMs?: number;
}

/** One reflector for all namespaces, or one for each of some, behind one store. */
export class SharedInformer<T extends KubernetesObject> implements Informer<T> {
  readonly type: ResourceType<T>;
  readonly #store: IndexedStore<T>;
  readonly #options: InformerOptions<T>;
  readonly #context: InformerContext;
  readonly #handlers: ChangeHandler<T>[] = [];
  readonly #unsynced: Set<string>;

  constructor(type: ResourceType<T>, options: InformerOptions<T>, context: InformerContext) {
    this.type = type;
    this.#options = options;
    this.#context = context;
    this.#store = new IndexedStore(options.indexes);
    this.#unsynced = new Set(this.#namespaces());
  }

  get store(): Store<T> {
    return this.#store;
  }

  get synced(): boolean {
    return this.#unsynced.size === 0;
  }

  onChange(handler: ChangeHandler<T>): void {
    this.#handlers.push(handler);
    for (const after of this.#store.list()) this.#tell(handler, { after, initial: true });
  }

  observe(object: T): void {
    const known = this.#store.get(keyOf(object));
    if (known === undefined || !isNewer(object, known)) return;
    this.#put(object, false);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { labelSelector, fieldSelector } = this.#options;
    await Promise.all(
      this.#namespaces().map((namespace) => {
        const selection = { ...(namespace === '' ? {} : { namespace }), ...(labelSelector === undefined ? {} : { labelSelector }), ...(fieldSelector === undefined ? {} : { fieldSelector }) };
        const target = {
          replace: (objects: readonly T[]) => this.#replace(namespace, objects),
          put: (object: T) => this.#put(object, false),
          remove: (object: T) => this.#remove(object, false),
        };
        const { client, clock, random, log, metrics, inactivityMs } = this.#context;
        const common = { client, type: this.type, selection, target, clock, random, log };
        return new Reflector<T>({ ...common, ...(metrics === undefined ? {} : { metrics }), ...(inactivityMs === undefined ? {} : { inactivityMs }) }).run(signal);
      }),
    );
  }

  #namespaces(): readonly string[] {
    return this.#context.namespaces === 'all' || !this.type.namespaced ? [''] : this.#context.namespaces;
  }

  #replace(namespace: string, objects: readonly T[]): void {
    const present = new Set(objects.map((object) => keyText(keyOf(object))));
    for (const known of this.#store.list(namespace === '' ? undefined : namespace)) {
      if (!present.has(keyText(keyOf(known)))) this.#remove(known, true);
    }
    for (const object of objects) this.#put(object, true);
    this.#unsynced.delete(namespace);
  }

  #put(object: T, initial: boolean): void {
    const known = this.#store.get(keyOf(object));
    if (known !== undefined && known.metadata.uid === object.metadata.uid && known.metadata.resourceVersion === object.metadata.resourceVersion) return;
    // A write's answer may have overtaken the watch.
    if (known !== undefined && !initial && isNewer(known, object)) return;
    const after = this.#kept(object);
    const before = this.#store.put(after);
    this.#tellAll({ ...(before === undefined ? {} : { before }), after, initial });
  }

  #remove(object: T, initial: boolean): void {
    // A write's answer about its successor of the same name may have overtaken the watch.
    if (this.#store.get(keyOf(object))?.metadata.uid !== object.metadata.uid) return;
    const before = this.#store.remove(keyOf(object));
    if (before !== undefined) this.#tellAll({ before, initial });
  }

  #kept(object: T): T {
    const { managedFields: _dropped, ...metadata } = object.metadata as T['metadata'] & { managedFields?: unknown };
    const stripped = { ...object, metadata } as T;
    return this.#options.transform?.(stripped) ?? stripped;
  }

  #tellAll(change: Change<T>): void {
    for (const handler of this.#handlers) this.#tell(handler, change);
  }

  #tell(handler: ChangeHandler<T>, change: Change<T>): void {
    try {
      handler(change);
    } catch (error) {
      this.#context.metrics?.handlerErrors.inc({ kind: this.type.kind });
      this.#context.log.error({ err: error, kind: this.type.kind, object: change.after?.metadata.name ?? change.before?.metadata.name }, 'a change was not handled');
    }
  }
}

/** Resource versions of one kind are numbers that grow (KEP-5504); where one is not, the later arrival counts as newer. */
function isNewer(one: KubernetesObject, other: KubernetesObject): boolean {
  const [first, second] = [one, other].map(({ metadata }) => (/^\d+$/.test(metadata.resourceVersion ?? '') ? BigInt(metadata.resourceVersion ?? 0) : undefined));
  return first !== undefined && second !== undefined && first > second;
}
