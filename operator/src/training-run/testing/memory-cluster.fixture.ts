import { ApiError, type DeleteOptions, type KubernetesObject, type ObjectKey, type ResourceType } from '@grm/controller-runtime';
import type { KubernetesClient } from '../../kubernetes/kubernetes-client.ts';
import type { ReadStore } from '../run-stores.ts';

/** An answer that is an error. */
export const refused = (status: number, message: string, reason = status === 404 ? 'NotFound' : status === 409 ? 'Conflict' : 'Forbidden'): ApiError => new ApiError(message, { status, reason });

type Fields = Record<string, unknown>;

/**
 * Objects in memory, with as much of an API server's ways as a reconciler can notice: versions and conflicts, status apart from the rest, finalizers,
 * what is owned going with its owner. No defaults, no validation, nobody who runs Jobs: a test plays those.
 */
export class MemoryCluster implements KubernetesClient {
  readonly #objects = new Map<string, KubernetesObject>();
  #version = 0;
  /** What was asked, one line each: `create Job grm-nano-trainer`. */
  readonly requests: string[] = [];
  /** Answers a request with an error, if it gives one. */
  refuse: (request: string) => ApiError | undefined = () => undefined;

  constructor(readonly now: () => Date) {}

  store<T extends KubernetesObject>({ kind }: ResourceType<T>, index: (object: T) => readonly string[] = () => []): ReadStore<T> {
    const all = (): T[] => [...this.#objects.values()].filter((object): object is T => object.kind === kind);
    return {
      get: ({ namespace, name }) => all().find(({ metadata }) => metadata.namespace === namespace && metadata.name === name),
      list: () => all(),
      byIndex: (_, value) => all().filter((object) => index(object).includes(value)),
    };
  }

  find(planned: KubernetesObject): KubernetesObject | undefined {
    return this.#objects.get(idOf(planned.kind, { namespace: planned.metadata.namespace ?? '', name: planned.metadata.name }));
  }

  names(): string[] {
    return [...this.#objects.values()].map(({ kind, metadata }) => `${kind} ${metadata.name}`).toSorted();
  }

  /** What somebody else writes; no request of ours. */
  put<T extends KubernetesObject>(object: T): T {
    const id = idOf(object.kind, { namespace: object.metadata.namespace ?? '', name: object.metadata.name });
    this.#version += 1;
    const before = this.#objects.get(id)?.metadata;
    const uid = before?.uid ?? object.metadata.uid ?? `${object.kind}-${this.#version}`;
    const creationTimestamp = before?.creationTimestamp ?? object.metadata.creationTimestamp ?? this.now().toISOString();
    const stored = { ...object, metadata: { ...object.metadata, uid, creationTimestamp, resourceVersion: String(this.#version) } };
    this.#objects.set(id, stored);
    return stored;
  }

  remove(object: KubernetesObject): void {
    this.#objects.delete(idOf(object.kind, { namespace: object.metadata.namespace ?? '', name: object.metadata.name }));
    for (const child of [...this.#objects.values()]) {
      if (child.metadata.ownerReferences?.some(({ uid }) => uid === object.metadata.uid) === true) this.remove(child);
    }
  }

  async create<T extends KubernetesObject>(_: ResourceType<T>, object: T): Promise<T> {
    this.#ask(`create ${object.kind} ${object.metadata.name}`);
    if (this.find(object) !== undefined) throw refused(409, 'it is there already', 'AlreadyExists');
    return this.put(object);
  }

  async apply<T extends KubernetesObject>(_: ResourceType<T>, object: KubernetesObject): Promise<T> {
    this.#ask(`apply ${object.kind} ${object.metadata.name}`);
    return this.put(object) as T;
  }

  async patch<T extends KubernetesObject>(type: ResourceType<T>, key: ObjectKey, patch: unknown, { subresource }: { readonly subresource?: string }): Promise<T> {
    this.#ask(`patch ${type.kind}${subresource === undefined ? '' : `/${subresource}`} ${key.name}`);
    const object = this.store(type).get(key);
    if (object === undefined) throw refused(404, `${type.kind} ${key.name} not found`);
    const wanted = merged(object, patch) as T;
    if (wanted.metadata.resourceVersion !== object.metadata.resourceVersion) throw refused(409, `${type.kind} ${key.name} has changed`);
    const written = subresource === 'status' ? { ...wanted, metadata: object.metadata } : wanted;
    if (written.metadata.deletionTimestamp !== undefined && (written.metadata.finalizers ?? []).length === 0) {
      this.remove(object);
      return written;
    }
    return this.put(written);
  }

  async delete(type: ResourceType, key: ObjectKey, { uid, gracePeriodSeconds }: DeleteOptions = {}): Promise<void> {
    this.#ask(`delete ${type.kind} ${key.name}${gracePeriodSeconds === 0 ? ' at once' : ''}`);
    const object = this.store(type).get(key);
    if (object === undefined) throw refused(404, `${type.kind} ${key.name} not found`);
    if (uid !== undefined && uid !== object.metadata.uid) throw refused(409, 'another uid');
    if ((object.metadata.finalizers ?? []).length === 0) return this.remove(object);
    this.put({ ...object, metadata: { ...object.metadata, deletionTimestamp: this.now().toISOString() } });
  }

  async evict({ namespace, name }: ObjectKey): Promise<void> {
    this.#ask(`evict Pod ${name}`);
    this.#objects.delete(idOf('Pod', { namespace, name }));
  }

  #ask(request: string): void {
    const error = this.refuse(request);
    this.requests.push(error === undefined ? request : `${request}: ${error.status}`);
    if (error !== undefined) throw error;
  }
}

const idOf = (kind: string, { namespace, name }: ObjectKey): string => `${kind} ${namespace}/${name}`;

/** RFC 7386. */
function merged(target: unknown, patch: unknown): Fields {
  const result: Fields = typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch ?? {})) {
    if (value === null) delete result[key];
    else result[key] = typeof value === 'object' && !Array.isArray(value) ? merged(result[key], value) : value;
  }
  return result;
}
