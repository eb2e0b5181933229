import type { KubernetesObject } from '@grm/controller-runtime';

/**
 * A process sees its own writes a moment later, through its watch. Until then this remembers what it wrote, so that a decision is never made
 * from a state that it has changed itself.
 *
 * A write is made upon a version (its resourceVersion is a condition), so whatever the cache holds next is that write or newer.
 */
export class OwnWrites<T extends KubernetesObject> {
  readonly #written = new Map<string, { readonly upon: string | undefined; readonly object: T }>();

  /** The newest that is known of an object that the cache holds. */
  newest(cached: T): T {
    const key = keyText(cached);
    const written = this.#written.get(key);
    if (written === undefined) return cached;
    if (written.upon === cached.metadata.resourceVersion) return written.object;
    this.#written.delete(key);
    return cached;
  }

  /** @param cached what the cache held when it was written */
  remember(cached: T, written: T): void {
    if (written.metadata.resourceVersion === cached.metadata.resourceVersion) return;
    this.#written.set(keyText(cached), { upon: cached.metadata.resourceVersion, object: written });
  }

  /** To be called for objects that are gone: nothing else bounds what is remembered of them. */
  forget(namespace: string, name: string): void {
    this.#written.delete(`${namespace}/${name}`);
  }
}

const keyText = ({ metadata }: KubernetesObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;
