import type { Logger } from 'pino';
import { type ApiClient, type Page, type WatchOptions } from '../api/api-client.ts';
import { isGone } from '../api/api-error.ts';
import type { KubernetesObject } from '../api/kubernetes-object.ts';
import type { ResourceType } from '../api/resource-type.ts';
import type { RuntimeMetrics } from '../metrics/runtime-metrics.ts';
import { backOffMs } from '../time/back-off.ts';
import type { Clock } from '../time/clock.ts';

export interface Selection {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** Takes what a reflector sees, in order. */
export interface ReflectorTarget<T extends KubernetesObject> {
  /** The whole list: what is not in it is gone. */
  replace(objects: readonly T[]): void;
  put(object: T): void;
  remove(object: T): void;
}

export interface ReflectorOptions<T extends KubernetesObject> {
  readonly client: Pick<ApiClient, 'listPage' | 'watch'>;
  readonly type: ResourceType<T>;
  readonly selection: Selection;
  readonly target: ReflectorTarget<T>;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  readonly metrics?: RuntimeMetrics;
  readonly pageSize?: number;
  /** A watch on which nothing comes, bookmarks included, is given up after this time, ms. Servers send a bookmark about every minute. Default 3 minutes. */
  readonly inactivityMs?: number;
}

/** Pauses between tries to list or watch. */
const retry = { firstMs: 800, mostMs: 30_000 };
/** A watch that ends sooner, and without an event, counts as a failure: something on the way does not let watches live. */
const shortWatchMs = 1_000;

/**
 * Keeps a target equal to what the API server has: a paged list, then a watch from there, and the list again where the watch was too far behind (410).
 * A failure is tried again with growing, jittered pauses; a target that throws is the caller's to guard against.
 */
export class Reflector<T extends KubernetesObject> {
  readonly #options: ReflectorOptions<T>;
  #failures = 0;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { log, type, metrics } = this.#options;
    let position: string | undefined;
    let reason = 'start';
    while (!signal.aborted) {
      try {
        if (position === undefined) {
          metrics?.relists.inc({ kind: type.kind, reason });
          position = await this.#list(signal);
        }
        position = await this.#watch(position, signal);
      } catch (error) {
        if (signal.aborted) return;
        if (isGone(error)) {
          log.info({ kind: type.kind }, 'the watch is too far behind, so the list is read anew');
          [position, reason] = [undefined, 'gone'];
        } else {
          // Said once aloud: a server that is away breaks every watch, again and again.
          const level = this.#failures === 0 ? 'warn' : 'debug';
          log[level]({ kind: type.kind, reason: error instanceof Error ? error.message : String(error) }, 'list or watch failed; trying again');
          // After an error of the stream itself its position is not sure.
          if (!(error instanceof WatchBroken)) [position, reason] = [undefined, 'error'];
          else position = error.position;
        }
        await this.#options.clock.sleep(backOffMs(retry, this.#failures++, this.#options.random), signal);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<string> {
    const { client, type, selection, target, pageSize } = this.#options;
    const objects: T[] = [];
    let page: Page<T> | undefined;
    do {
      page = await client.listPage(type, { ...selection, signal, ...(pageSize === undefined ? {} : { pageSize }) }, page?.next);
      objects.push(...page.items);
    } while (page.next !== undefined);
    target.replace(objects);
    this.#failures = 0;
    return page.resourceVersion;
  }

  /** One watch to its end. @returns how far it came */
  async #watch(from: string, signal: AbortSignal): Promise<string> {
    const { client, type, selection, target, metrics, clock, random, inactivityMs = 180_000 } = this.#options;
    const silence = new AbortController();
    const stop = AbortSignal.any([signal, silence.signal]);
    // Five to ten minutes, so that not all watches end at once.
    const options: WatchOptions = { ...selection, resourceVersion: from, timeoutSeconds: Math.floor(300 + 300 * random()), signal: stop };
    const start = clock.monotonic();
    let seen = 0;
    let position = from;
    let timer = setTimeout(() => silence.abort(), inactivityMs);
    try {
      for await (const event of client.watch(type, options)) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), inactivityMs);
        this.#failures = 0;
        seen += 1;
        metrics?.watchEvents.inc({ kind: type.kind, type: event.type });
        if (event.type === 'BOOKMARK') {
          position = event.resourceVersion;
          continue;
        }
        const version = event.object.metadata.resourceVersion ?? position;
        if (event.type === 'DELETED') target.remove(event.object);
        else target.put(event.object);
        position = version;
      }
      if (seen === 0 && clock.monotonic() - start < shortWatchMs) throw new Error('it ended at once, and without an event');
      return position;
    } catch (error) {
      if (signal.aborted || isGone(error)) throw error;
      if (silence.signal.aborted) return position;
      throw new WatchBroken(position, error);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A watch ended in an error after it had come to `position`; one goes on from there. */
class WatchBroken extends Error {
  readonly position: string;

  constructor(position: string, cause: unknown) {
    super(`the watch broke: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'WatchBroken';
    this.position = position;
  }
}
