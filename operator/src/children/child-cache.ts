import { type Clock, type Informer, keyOf, type KubernetesObject, keyText, type ObjectKey } from '@grm/controller-runtime';

/** A child that was made and is not in the cache after this time is looked for no longer: somebody has deleted it, s. */
const GIVEN_UP_SECONDS = 10;

interface Unseen {
  readonly children: readonly KubernetesObject[];
  /** Monotonic, ms. */
  readonly since: number;
}

/** The children of all owners as the informers know them, and what was written and is not to be seen there yet. */
export class ChildCache {
  readonly #informers: ReadonlyMap<string, Informer<KubernetesObject>>;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #unseen = new Map<string, Unseen>();

  /** @param informers one of each kind */
  constructor(informers: readonly Informer<KubernetesObject>[], clock: Pick<Clock, 'monotonic'>) {
    this.#informers = new Map(informers.map((informer) => [kindText(informer.type), informer]));
    this.#clock = clock;
  }

  /** @throws Error for a kind that no informer follows: it would be made anew for ever */
  live(child: KubernetesObject): KubernetesObject | undefined {
    return this.#informerOf(child).store.get(keyOf(child));
  }

  /** Takes note of what the API server has answered to a write, so that the next look does not begin from before it. */
  wrote(owner: KubernetesObject, child: KubernetesObject): void {
    if (this.live(child) !== undefined) return this.#informerOf(child).observe(child);
    const key = keyText(keyOf(owner));
    this.#unseen.set(key, { children: [...(this.#unseen.get(key)?.children ?? []), child], since: this.#clock.monotonic() });
  }

  /**
   * Whether the cache lacks a child that was made: then what it lacks must not be made a second time. Its arrival is a change, which leads to another look.
   * @returns after how many seconds to look again all the same; undefined when the cache shows everything
   */
  staleFor(owner: ObjectKey): number | undefined {
    const key = keyText(owner);
    const unseen = this.#unseen.get(key);
    if (unseen === undefined) return undefined;
    const left = GIVEN_UP_SECONDS - (this.#clock.monotonic() - unseen.since) / 1000;
    if (left > 0 && unseen.children.some((child) => this.live(child) === undefined)) return left;
    this.#unseen.delete(key);
    return undefined;
  }

  #informerOf(child: KubernetesObject): Informer<KubernetesObject> {
    const informer = this.#informers.get(kindText(child));
    if (informer === undefined) throw new Error(`no informer follows ${child.kind} of ${child.apiVersion}`);
    return informer;
  }
}

const kindText = ({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): string => `${apiVersion} ${kind}`;
