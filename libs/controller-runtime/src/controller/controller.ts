import { SpanStatusCode, trace } from '@opentelemetry/api';
import type { Logger } from 'pino';
import { isConflict } from '../api/api-error.ts';
import { type KubernetesObject, keyOf, keyText, type ObjectKey, parseKeyText } from '../api/kubernetes-object.ts';
import type { Rate } from '../api/token-bucket.ts';
import type { Informer } from '../cache/informer.ts';
import type { RuntimeMetrics } from '../metrics/runtime-metrics.ts';
import { WorkQueue } from '../queue/work-queue.ts';
import type { BackOff } from '../time/back-off.ts';
import type { Clock } from '../time/clock.ts';
import { type Result, TerminalError } from './result.ts';

export interface ReconcileContext {
  /** Aborts when the process stops or no longer leads, and at the reconcile's deadline. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** A kind whose changes concern primaries in a way of its own. */
export interface Watched<T extends KubernetesObject = KubernetesObject> {
  readonly informer: Informer<T>;
  /** Primaries to look at; called with what there was and with what there is. */
  readonly map: (object: T) => readonly ObjectKey[];
}

/** Ties the types of an informer and its mapping together. */
export function watched<T extends KubernetesObject>(informer: Informer<T>, map: (object: T) => readonly ObjectKey[]): Watched {
  return { informer: informer as unknown as Informer<KubernetesObject>, map: map as unknown as Watched['map'] };
}

/** Ties an informer of an owned kind into a list of such. */
export const owned = <T extends KubernetesObject>(informer: Informer<T>): Informer<KubernetesObject> => informer as unknown as Informer<KubernetesObject>;

export interface ControllerOptions<P extends KubernetesObject> {
  readonly name: string;
  readonly primary: Informer<P>;
  /** Kinds whose objects name a primary as their controlling owner. */
  readonly owns?: readonly Informer<KubernetesObject>[];
  readonly watches?: readonly Watched[];
  /** Reconciles at once, each of another key. Default 1. */
  readonly concurrency?: number;
  /** Longest that one reconcile may take, seconds. Default 120. */
  readonly deadlineSeconds?: number;
  readonly backOff?: BackOff;
  readonly rate?: Rate;
  readonly reconcile: (key: ObjectKey, context: ReconcileContext) => Promise<Result>;
}

export interface ControllerContext {
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: () => number;
  readonly metrics?: RuntimeMetrics;
}

/** Calls `reconcile` for each primary that something has happened to: never twice at once for one, and again after failures. */
export class Controller<P extends KubernetesObject = KubernetesObject> {
  readonly name: string;
  readonly #options: ControllerOptions<P>;
  readonly #context: ControllerContext;
  #queue: WorkQueue;

  constructor(options: ControllerOptions<P>, context: ControllerContext) {
    this.name = options.name;
    this.#options = options;
    this.#context = context;
    this.#queue = this.#newQueue();
    const { primary, owns = [], watches = [] } = options;
    primary.onChange(({ before, after, initial }) => this.#add([before, after].flatMap((object) => (object === undefined ? [] : keyOf(object))), initial));
    for (const informer of owns) {
      informer.onChange(({ before, after, initial }) => this.#add([before, after].flatMap((object) => (object === undefined ? [] : this.#ownersOf(object))), initial));
    }
    for (const { informer, map } of watches) {
      informer.onChange(({ before, after, initial }) => this.#add([before, after].flatMap((object) => (object === undefined ? [] : map(object))), initial));
    }
  }

  /** For what happens outside of the API server. */
  enqueue(key: ObjectKey): void {
    this.#queue.add(keyText(key));
  }

  enqueueAfter(key: ObjectKey, seconds: number): void {
    this.#queue.addAfter(keyText(key), seconds * 1000);
  }

  /** Works until the signal aborts, and then until what is under way has ended. */
  async run(signal: AbortSignal): Promise<void> {
    const { concurrency = 1, primary } = this.#options;
    const { metrics } = this.#context;
    const queue = this.#queue;
    // Whatever was heard before this process led may have been missed: all of it is looked at, behind what is new.
    for (const object of primary.store.list()) queue.add(keyText(keyOf(object)), 'low');
    metrics?.maximumWorkers.set({ controller: this.name }, concurrency);
    const close = () => queue.close();
    signal.addEventListener('abort', close, { once: true });
    if (signal.aborted) close();
    await Promise.all(Array.from({ length: concurrency }, () => this.#work(queue, signal)));
    this.#queue = this.#newQueue();
  }

  /** Sets what the gauges of work under way show now. */
  reportWork(): void {
    const now = this.#context.clock.monotonic();
    const spans = [...this.#queue.working.values()].map((since) => (now - since) / 1000);
    this.#context.metrics?.unfinishedSeconds.set({ name: this.name }, spans.reduce((sum, span) => sum + span, 0));
    this.#context.metrics?.longestSeconds.set({ name: this.name }, Math.max(0, ...spans));
  }

  #newQueue(): WorkQueue {
    const { backOff, rate } = this.#options;
    const { clock, random, metrics } = this.#context;
    return new WorkQueue({ name: this.#options.name, clock, random, ...(backOff === undefined ? {} : { backOff }), ...(rate === undefined ? {} : { rate }), ...(metrics === undefined ? {} : { metrics }) });
  }

  #add(keys: readonly ObjectKey[], initial: boolean): void {
    for (const key of new Set(keys.map(keyText))) this.#queue.add(key, initial ? 'low' : 'normal');
  }

  #ownersOf({ metadata }: KubernetesObject): ObjectKey[] {
    const { apiVersion, kind, namespaced } = this.#options.primary.type;
    return (metadata.ownerReferences ?? [])
      .filter((owner) => owner.controller === true && groupOf(owner.apiVersion) === groupOf(apiVersion) && owner.kind === kind)
      .map(({ name }) => ({ namespace: namespaced ? (metadata.namespace ?? '') : '', name }));
  }

  async #work(queue: WorkQueue, signal: AbortSignal): Promise<void> {
    for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
      await this.#reconcile(queue, key, signal);
      queue.done(key);
    }
  }

  async #reconcile(queue: WorkQueue, key: string, signal: AbortSignal): Promise<void> {
    const { metrics, clock } = this.#context;
    const log = this.#context.log.child({ controller: this.name, object: key });
    const start = clock.monotonic();
    metrics?.activeWorkers.inc({ controller: this.name });
    const deadline = AbortSignal.timeout((this.#options.deadlineSeconds ?? 120) * 1000);
    await trace.getTracer('controller-runtime').startActiveSpan(`reconcile ${this.name}`, { attributes: { 'k8s.object': key } }, async (span) => {
      try {
        const result = await this.#options.reconcile(parseKeyText(key), { signal: AbortSignal.any([signal, deadline]), log });
        queue.forget(key);
        if (result.kind === 'after') queue.addAfter(key, result.seconds * 1000);
        metrics?.reconciles.inc({ controller: this.name, result: result.kind === 'after' ? 'requeue_after' : 'success' });
      } catch (error) {
        if (signal.aborted) return;
        span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
        this.#failed(queue, key, error, log);
      } finally {
        span.end();
      }
    });
    metrics?.activeWorkers.dec({ controller: this.name });
    metrics?.reconcileSeconds.observe({ controller: this.name }, (clock.monotonic() - start) / 1000);
  }

  #failed(queue: WorkQueue, key: string, error: unknown, log: Logger): void {
    const { metrics } = this.#context;
    metrics?.reconciles.inc({ controller: this.name, result: 'error' });
    if (error instanceof TerminalError) {
      metrics?.terminalErrors.inc({ controller: this.name });
      queue.forget(key);
      log.error({ err: error }, 'not reconciled, and not tried again before something changes');
      return;
    }
    metrics?.reconcileErrors.inc({ controller: this.name });
    // Another writer came first: usual, and over with the next look.
    if (isConflict(error)) log.debug({ err: error }, 'not reconciled; trying again');
    else log.warn({ err: error, failures: queue.failuresOf(key) + 1 }, 'not reconciled; trying again');
    queue.addFailed(key);
  }
}

/** The same kind in whichever version: a reference keeps the version that it was made with. */
const groupOf = (apiVersion: string): string => (apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '');
