import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import type { ApiClient } from '../api/api-client.ts';
import { isNotFound } from '../api/api-error.ts';
import { type KubernetesObject, keyOf, keyText } from '../api/kubernetes-object.ts';
import { resourceType } from '../api/resource-type.ts';
import type { Clock } from '../time/clock.ts';

export interface EventFact {
  readonly type: 'Normal' | 'Warning';
  /** Why, in CamelCase. */
  readonly reason: string;
  /** What was done or failed, in CamelCase. Default: the reason. */
  readonly action?: string;
  /** For people; cut at 1024 bytes. */
  readonly message: string;
}

/** events.k8s.io/v1. */
interface EventObject extends KubernetesObject {
  readonly eventTime: string;
  readonly series?: { readonly count: number; readonly lastObservedTime: string };
}

export const events = resourceType<EventObject>({ apiVersion: 'events.k8s.io/v1', kind: 'Event', plural: 'events', namespaced: true });

export interface EventRecorderOptions {
  readonly client: Pick<ApiClient, 'create' | 'patch'>;
  /** Name of the controller, such as `example.org/operator`. */
  readonly controller: string;
  /** Name of this process. */
  readonly instance: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Events that may wait to be written; later ones are dropped. Default 1000. */
  readonly limit?: number;
}

interface Known {
  name: string;
  namespace: string;
  count: number;
  at: number;
}

/** The same event within this time becomes a series. */
const seriesMs = 6 * 60_000;
const mostKnown = 4096;

/** Writes events beside the work: bounded, the same ones as a series, and a failure is only logged. */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #waiting: (() => Promise<void>)[] = [];
  readonly #known = new Map<string, Known>();
  #writing: Promise<void> | undefined;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  record(object: KubernetesObject, fact: EventFact): void {
    const { clock, limit = 1000, log } = this.#options;
    const now = clock.now();
    const identity = createHash('sha256').update(JSON.stringify([object.metadata.uid, object.kind, keyText(keyOf(object)), fact.type, fact.reason, fact.action, fact.message])).digest('hex').slice(0, 16);
    const known = this.#known.get(identity);
    if (this.#waiting.length >= limit) {
      log.warn({ reason: fact.reason, object: object.metadata.name }, 'too many events wait to be written; this one is dropped');
      return;
    }
    if (known !== undefined && now - known.at < seriesMs) {
      known.count += 1;
      known.at = now;
      // Powers of two are enough to see that it goes on.
      if ((known.count & (known.count - 1)) === 0) this.#enqueue(() => this.#continue(object, fact, known));
      return;
    }
    const made: Known = { name: `${object.metadata.name.slice(0, 200).replace(/[-.]+$/, '')}.${identity.slice(0, 6)}${now.toString(16)}`, namespace: object.metadata.namespace ?? 'default', count: 1, at: now };
    this.#known.delete(identity);
    this.#known.set(identity, made);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= mostKnown) break;
      this.#known.delete(oldest);
    }
    this.#enqueue(() => this.#create(object, fact, made));
  }

  /** Once all that was recorded has been written or given up. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  #enqueue(write: () => Promise<void>): void {
    this.#waiting.push(write);
    this.#writing ??= this.#drain();
  }

  async #drain(): Promise<void> {
    for (let write = this.#waiting.shift(); write !== undefined; write = this.#waiting.shift()) {
      try {
        await write();
      } catch (error) {
        this.#options.log.warn({ err: error }, 'an event was not written');
      }
    }
    this.#writing = undefined;
  }

  async #create({ apiVersion, kind, metadata }: KubernetesObject, { type, reason, action, message }: EventFact, known: Known): Promise<void> {
    const { name, namespace, at } = known;
    const event = {
      apiVersion: events.apiVersion,
      kind: events.kind,
      metadata: { name, namespace },
      eventTime: microTime(at),
      reportingController: this.#options.controller,
      reportingInstance: this.#options.instance.slice(0, 128),
      action: action ?? reason,
      reason,
      type,
      note: cut(message),
      ...(known.count === 1 ? {} : { series: seriesOf(known) }),
      regarding: { apiVersion, kind, name: metadata.name, namespace: metadata.namespace, uid: metadata.uid, resourceVersion: metadata.resourceVersion },
    };
    await this.#options.client.create(events, event);
  }

  async #continue(object: KubernetesObject, fact: EventFact, known: Known): Promise<void> {
    try {
      await this.#options.client.patch(events, { namespace: known.namespace, name: known.name }, { series: seriesOf(known) }, { type: 'merge' });
    } catch (error) {
      // Servers keep events for an hour, which long series outlast; or it never was written.
      if (!isNotFound(error)) throw error;
      await this.#create(object, fact, known);
    }
  }
}

const microTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z');
const seriesOf = ({ count, at }: Known) => ({ count, lastObservedTime: microTime(at) });

const cut = (message: string): string => (Buffer.byteLength(message) <= 1024 ? message : `${Buffer.from(message).subarray(0, 1000).toString('utf8').replace(/\uFFFD$/, '')}...`);
