import type { KubeConfig } from '@kubernetes/client-node';
import type { RuntimeMetrics } from '../metrics/runtime-metrics.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { ApiError, apiErrorOf } from './api-error.ts';
import { type KubernetesObject, keyOf, keyText, type ObjectKey } from './kubernetes-object.ts';
import { pathOf, type ResourceType } from './resource-type.ts';
import { TokenBucket } from './token-bucket.ts';
import { Transport, type TransportRequest, type TransportResponse } from './transport.ts';
import { linesOf, type WatchEvent, WatchFormatError } from './watch-event.ts';

export interface ApiClientOptions {
  readonly kubeConfig: KubeConfig;
  /** Owner of every field that `apply` sets. */
  readonly fieldManager: string;
  readonly userAgent?: string;
  /** Requests a second in the long run (default 100), and at once (default 200). Watches are not counted. */
  readonly queriesPerSecond?: number;
  readonly burst?: number;
  /** Longest that one request may take, its wait for the rate limit included, ms. Default 30 s. */
  readonly timeoutMs?: number;
  readonly metrics?: RuntimeMetrics;
  readonly clock?: Clock;
}

export interface RequestOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

export interface ListOptions extends RequestOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Objects a page. Default 500. */
  readonly pageSize?: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
  readonly next?: string;
}

export interface WatchOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion: string;
  /** The server ends the watch after this time. */
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
}

export interface ApplyOptions extends RequestOptions {
  /** Take fields from other owners. Without it their ownership is a conflict. */
  readonly force?: boolean;
  readonly subresource?: string;
  readonly dryRun?: boolean;
  /** In place of the client's own. */
  readonly fieldManager?: string;
}

export interface DeleteOptions extends RequestOptions {
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan';
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly gracePeriodSeconds?: number;
}

type Body = Readonly<Record<string, unknown>>;
const attempts = 4;

/** The Kubernetes API as plain JSON: one rate limit, a deadline on every request, and errors that can be told apart. */
export class ApiClient implements AsyncDisposable {
  readonly fieldManager: string;
  /** Requests sent so far, watches left out, by `METHOD plural`. */
  readonly sent = new Map<string, number>();
  readonly #transport: Transport;
  readonly #bucket: TokenBucket;
  readonly #clock: Clock;
  readonly #options: ApiClientOptions;

  constructor(options: ApiClientOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.fieldManager = options.fieldManager;
    this.#transport = new Transport(options.kubeConfig, options.userAgent ?? options.fieldManager);
    this.#bucket = new TokenBucket({ perSecond: options.queriesPerSecond ?? 100, burst: options.burst ?? 200 }, () => this.#clock.monotonic());
  }

  get<T extends KubernetesObject>(type: ResourceType<T>, key: ObjectKey, options: RequestOptions = {}): Promise<T> {
    return this.#object(type, `get ${type.kind} ${keyText(key)}`, { method: 'GET', path: pathOf(type, key) }, options);
  }

  /** All of them, page by page. */
  async list<T extends KubernetesObject>(type: ResourceType<T>, options: ListOptions = {}): Promise<T[]> {
    const items: T[] = [];
    let page: Page<T> | undefined;
    do {
      page = await this.listPage(type, options, page?.next);
      items.push(...page.items);
    } while (page.next !== undefined);
    return items;
  }

  async listPage<T extends KubernetesObject>(type: ResourceType<T>, options: ListOptions, next?: string): Promise<Page<T>> {
    const query = queryOf({ labelSelector: options.labelSelector, fieldSelector: options.fieldSelector, limit: String(options.pageSize ?? 500), continue: next });
    const list = await this.#json(`list ${type.kind}`, type, { method: 'GET', path: pathOf(type, { namespace: options.namespace ?? '' }) + query }, options);
    const { items, metadata } = list as { items: readonly Body[] | null; metadata: { resourceVersion: string; continue?: string } };
    // Items of a list leave out what the list says for all of them.
    const whole = (items ?? []).map((item) => ({ apiVersion: type.apiVersion, kind: type.kind, ...item }) as unknown as T);
    return { items: whole, resourceVersion: metadata.resourceVersion, ...(metadata.continue === undefined || metadata.continue === '' ? {} : { next: metadata.continue }) };
  }

  /**
   * Events from a resource version on, until the server or the signal ends them.
   * @throws ApiError, 410 among them, also where the server says so in mid-stream; WatchFormatError
   */
  async *watch<T extends KubernetesObject>(type: ResourceType<T>, options: WatchOptions): AsyncGenerator<WatchEvent<T>> {
    const query = queryOf({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: options.resourceVersion,
      timeoutSeconds: String(options.timeoutSeconds),
      labelSelector: options.labelSelector,
      fieldSelector: options.fieldSelector,
    });
    const what = `watch ${type.kind}`;
    const response = await this.#send(what, { method: 'GET', path: pathOf(type, { namespace: options.namespace ?? '' }) + query, signal: options.signal });
    if (response.status !== 200) throw apiErrorOf(what, response.status, await response.body.text(), response.retryAfter);
    for await (const line of linesOf(response.body)) yield watchEventOf<T>(what, line);
  }

  create<T extends KubernetesObject>(type: ResourceType<T>, object: T, options: RequestOptions = {}): Promise<T> {
    const { namespace } = keyOf(object);
    const path = `${pathOf(type, { namespace })}?fieldManager=${encodeURIComponent(this.fieldManager)}`;
    return this.#object(type, `create ${type.kind} ${keyText(keyOf(object))}`, { method: 'POST', path, contentType: 'application/json', body: JSON.stringify(object) }, options);
  }

  /** Server-side apply (KEP-555): the fields of `object` become this manager's, fields that it applied before and are gone now are removed. */
  apply<T extends KubernetesObject>(type: ResourceType<T>, object: KubernetesObject, options: ApplyOptions = {}): Promise<T> {
    const query = queryOf({ fieldManager: options.fieldManager ?? this.fieldManager, force: options.force === true ? 'true' : undefined, dryRun: options.dryRun === true ? 'All' : undefined });
    const path = pathOf(type, { ...keyOf(object), ...(options.subresource === undefined ? {} : { subresource: options.subresource }) }) + query;
    return this.#object(type, `apply ${type.kind} ${keyText(keyOf(object))}`, { method: 'PATCH', path, contentType: 'application/apply-patch+yaml', body: JSON.stringify(object) }, options);
  }

  patch<T extends KubernetesObject>(type: ResourceType<T>, key: ObjectKey, patch: unknown, options: RequestOptions & { readonly type: 'merge' | 'json'; readonly subresource?: string }): Promise<T> {
    const path = `${pathOf(type, { ...key, ...(options.subresource === undefined ? {} : { subresource: options.subresource }) })}?fieldManager=${encodeURIComponent(this.fieldManager)}`;
    const contentType = options.type === 'merge' ? 'application/merge-patch+json' : 'application/json-patch+json';
    return this.#object(type, `patch ${type.kind} ${keyText(key)}`, { method: 'PATCH', path, contentType, body: JSON.stringify(patch) }, options);
  }

  /** Replaces the object; refused as a conflict when its resource version is not the newest. */
  replace<T extends KubernetesObject>(type: ResourceType<T>, object: T, options: RequestOptions = {}): Promise<T> {
    const path = `${pathOf(type, keyOf(object))}?fieldManager=${encodeURIComponent(this.fieldManager)}`;
    return this.#object(type, `replace ${type.kind} ${keyText(keyOf(object))}`, { method: 'PUT', path, contentType: 'application/json', body: JSON.stringify(object) }, options);
  }

  /** Asks for deletion; the object goes when its finalizers and its grace allow. One that is not there is an ApiError `NotFound`. */
  async delete(type: ResourceType, key: ObjectKey, options: DeleteOptions = {}): Promise<void> {
    const preconditions = { ...(options.uid === undefined ? {} : { uid: options.uid }), ...(options.resourceVersion === undefined ? {} : { resourceVersion: options.resourceVersion }) };
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: options.propagation ?? 'Background',
      ...(Object.keys(preconditions).length === 0 ? {} : { preconditions }),
      ...(options.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: options.gracePeriodSeconds }),
    };
    await this.#json(`delete ${type.kind} ${keyText(key)}`, type, { method: 'DELETE', path: pathOf(type, key), contentType: 'application/json', body: JSON.stringify(body) }, options);
  }

  /** Evicts a pod (policy/v1): disruption budgets count, and its Job takes it for a disruption, not a failure. */
  async evict(key: ObjectKey, options: RequestOptions & { readonly gracePeriodSeconds?: number } = {}): Promise<void> {
    const pods = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: key, ...(options.gracePeriodSeconds === undefined ? {} : { deleteOptions: { gracePeriodSeconds: options.gracePeriodSeconds } }) };
    await this.#json(`evict Pod ${keyText(key)}`, pods, { method: 'POST', path: pathOf(pods, { ...key, subresource: 'eviction' }), contentType: 'application/json', body: JSON.stringify(body) }, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#transport[Symbol.asyncDispose]();
  }

  async #object<T extends KubernetesObject>(type: ResourceType<T>, what: string, request: Omit<TransportRequest, 'signal'>, options: RequestOptions): Promise<T> {
    return (await this.#json(what, type, request, options)) as unknown as T;
  }

  async #json(what: string, type: ResourceType, request: Omit<TransportRequest, 'signal'>, options: RequestOptions): Promise<Body> {
    const timeout = AbortSignal.timeout(options.timeoutMs ?? this.#options.timeoutMs ?? 30_000);
    const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
    for (let attempt = 1; ; attempt++) {
      await this.#admit(request.method, signal, what);
      const counted = `${request.method} ${type.plural}`;
      this.sent.set(counted, (this.sent.get(counted) ?? 0) + 1);
      const response = await this.#send(what, { ...request, signal });
      const text = await response.body.text().catch((cause: unknown) => {
        throw unanswered(what, signal, cause);
      });
      if (response.status < 300) return bodyOf(what, response.status, text);
      const error = apiErrorOf(what, response.status, text, response.retryAfter);
      // "Try again later" was answered before anything was done, so every verb may. A 429 that names no time is a budget's refusal of an eviction.
      const later = (error.status === 429 && error.retryAfterSeconds !== undefined) || (error.status === 503 && request.method === 'GET');
      if (attempt === attempts || !later) throw error;
      await this.#clock.sleep((error.retryAfterSeconds ?? attempt) * 1000, signal);
    }
  }

  async #admit(method: string, signal: AbortSignal, what: string): Promise<void> {
    const wait = this.#bucket.take();
    if (wait === 0) return;
    this.#options.metrics?.rateLimitSeconds.observe({ verb: method }, wait / 1000);
    await this.#clock.sleep(wait, signal);
    if (!signal.aborted) return;
    this.#bucket.giveBack();
    throw unanswered(what, signal, signal.reason);
  }

  async #send(what: string, request: TransportRequest): Promise<TransportResponse> {
    const start = this.#clock.monotonic();
    const { metrics } = this.#options;
    try {
      const response = await this.#transport.send(request);
      metrics?.requests.inc({ code: String(response.status), method: request.method });
      return response;
    } catch (cause) {
      metrics?.requests.inc({ code: '<error>', method: request.method });
      throw unanswered(what, request.signal, cause);
    } finally {
      metrics?.requestSeconds.observe({ verb: request.method }, (this.#clock.monotonic() - start) / 1000);
    }
  }
}

function bodyOf(what: string, status: number, text: string): Body {
  try {
    return JSON.parse(text) as Body;
  } catch (cause) {
    throw new ApiError(`${what}: the answer is not JSON, so something else than an API server answers there: ${text.slice(0, 200)}`, { status, reason: 'NotJSON', cause });
  }
}

function unanswered(what: string, signal: AbortSignal, cause: unknown): ApiError {
  const reason = signal.aborted ? 'Timeout' : 'Unreachable';
  return new ApiError(`${what}: ${signal.aborted ? 'no answer in time, or given up' : `the API server cannot be reached (${cause instanceof Error ? cause.message : String(cause)})`}`, { status: 0, reason, cause });
}

function queryOf(parameters: Readonly<Record<string, string | undefined>>): string {
  const set = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return set.length === 0 ? '' : `?${new URLSearchParams(set).toString()}`;
}

function watchEventOf<T extends KubernetesObject>(what: string, line: string): WatchEvent<T> {
  const event = parsedLine(line);
  switch (event.type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type: event.type, object: event.object as unknown as T };
    case 'BOOKMARK':
      return { type: 'BOOKMARK', resourceVersion: (event.object as unknown as KubernetesObject).metadata.resourceVersion ?? '' };
    case 'ERROR':
      throw apiErrorOf(what, Number(event.object['code'] ?? 500), JSON.stringify(event.object));
    default:
      throw new WatchFormatError(line);
  }
}

function parsedLine(line: string): { readonly type: string; readonly object: Body } {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string' && 'object' in value && typeof value.object === 'object' && value.object !== null) {
      return { type: value.type, object: value.object as Body };
    }
  } catch (cause) {
    throw new WatchFormatError(line, cause);
  }
  throw new WatchFormatError(line);
}
