import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { KubeConfig } from '@kubernetes/client-node';
import type { KubernetesObject } from './kubernetes-object.ts';

export interface ScriptedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface HistoryEntry {
  readonly version: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubernetesObject;
}

/** An API server in memory, that keeps Leases and makes the trouble that a real one makes only when it wants to. */
export class ApiDouble implements AsyncDisposable {
  readonly kubeConfig = new KubeConfig();
  /** `METHOD path?query` of all requests. */
  readonly requests: string[] = [];
  /** Whether versions that are gone are told by an HTTP status or by an event of the stream: servers do either. */
  goneAs: 'status' | 'event' = 'event';
  /** However many are asked for. */
  mostPerPage = Number.POSITIVE_INFINITY;
  /** While true, a new watch is ended as soon as it is opened. */
  endsWatches = false;
  readonly #server: Server;
  readonly #objects = new Map<string, KubernetesObject>();
  readonly #watches = new Set<ServerResponse>();
  readonly #script: (ScriptedAnswer | 'silence')[] = [];
  #history: HistoryEntry[] = [];
  #compacted = 0;
  #version = 100;
  #uid = 0;

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<ApiDouble> {
    const double = new ApiDouble();
    double.#server.listen(0, '127.0.0.1');
    await once(double.#server, 'listening');
    const { port } = double.#server.address() as AddressInfo;
    // Kubeconfigs take plain HTTP only so.
    double.kubeConfig.loadFromClusterAndUser({ name: 'double', server: `http://127.0.0.1:${port}`, skipTLSVerify: true }, { name: 'anybody' });
    return double;
  }

  get watches(): number {
    return this.#watches.size;
  }

  /** Answers to the next requests that are no watches, in order; `silence` is none at all. */
  next(...answers: (ScriptedAnswer | 'silence')[]): void {
    this.#script.push(...answers);
  }

  bookmark(): void {
    this.#version += 10;
    this.#tell('BOOKMARK', { kind: 'Lease', apiVersion: 'coordination.k8s.io/v1', metadata: { resourceVersion: String(this.#version) } });
  }

  /** Ends the watches as servers do after a while. */
  endWatches(): void {
    for (const watch of this.#watches) watch.end();
    this.#watches.clear();
  }

  /** Writes this, and cuts the connections. */
  breakWatches(last: string): void {
    for (const watch of this.#watches) watch.write(last, () => watch.destroy());
    this.#watches.clear();
  }

  /** Connections stay, and nothing comes on them any more. */
  muteWatches(): void {
    this.#watches.clear();
  }

  /** Cuts all connections, those that are mute too. */
  dropConnections(): void {
    this.#server.closeAllConnections();
  }

  /** Forgets what has happened until now. */
  compact(): void {
    this.#history = [];
    this.#compacted = ++this.#version;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://double');
    this.requests.push(`${request.method} ${decodeURIComponent(url.pathname + url.search)}`);
    if (url.searchParams.get('watch') === 'true') return this.#watch(Number(url.searchParams.get('resourceVersion')), response);
    const body = await text(request);
    const scripted = this.#script.shift();
    if (scripted === 'silence') return;
    const { status, headers = {}, body: answer = '' } = scripted ?? this.#serve(request.method ?? 'GET', url, body);
    response.writeHead(status, headers).end(answer);
  }

  #watch(from: number, response: ServerResponse): void {
    if (from < this.#compacted && this.goneAs === 'status') return void response.writeHead(410).end(gone);
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    if (this.endsWatches) return void response.end();
    if (from < this.#compacted) return void response.end(`${JSON.stringify({ type: 'ERROR', object: JSON.parse(gone) as unknown })}\n`);
    for (const { type, object } of this.#history.filter(({ version }) => version > from)) response.write(`${JSON.stringify({ type, object })}\n`);
    this.#watches.add(response);
    response.on('close', () => this.#watches.delete(response));
  }

  #serve(method: string, url: URL, body: string): ScriptedAnswer {
    const [namespace = '', , name] = url.pathname.split('/').slice(5);
    const key = `${namespace}/${name}`;
    const known = this.#objects.get(key);
    if (method === 'POST') return this.#create(namespace, JSON.parse(body) as KubernetesObject);
    if (name === undefined) return this.#list(namespace, url.searchParams);
    if (known === undefined) return refusal(404, 'NotFound', `leases "${name}" not found`);
    const given = method === 'DELETE' || method === 'GET' ? {} : (JSON.parse(body) as Partial<KubernetesObject>);
    const asked = given.metadata?.resourceVersion;
    if (asked !== undefined && asked !== known.metadata.resourceVersion) return refusal(409, 'Conflict', 'the object has been modified');
    if (method === 'GET') return ok(known);
    if (method === 'DELETE') {
      this.#objects.delete(key);
      return ok(this.#record('DELETED', known));
    }
    return ok(this.#store(key, 'MODIFIED', (method === 'PUT' ? given : merged(known, given)) as KubernetesObject));
  }

  #create(namespace: string, object: KubernetesObject): ScriptedAnswer {
    const key = `${namespace}/${object.metadata.name}`;
    if (this.#objects.has(key)) return refusal(409, 'AlreadyExists', `leases "${object.metadata.name}" already exists`);
    return ok(this.#store(key, 'ADDED', { ...object, metadata: { ...object.metadata, uid: `uid-${++this.#uid}` } }));
  }

  #list(namespace: string, query: URLSearchParams): ScriptedAnswer {
    const all = [...this.#objects].filter(([key]) => key.startsWith(`${namespace}/`)).map(([, object]) => object);
    const start = Number(query.get('continue') ?? 0);
    const end = start + Math.min(Number(query.get('limit') ?? all.length), this.mostPerPage);
    return ok({ kind: 'LeaseList', metadata: { resourceVersion: String(this.#version), ...(end < all.length ? { continue: String(end) } : {}) }, items: all.slice(start, end) });
  }

  #store(key: string, type: HistoryEntry['type'], object: KubernetesObject): KubernetesObject {
    const stored = this.#record(type, object);
    this.#objects.set(key, stored);
    return stored;
  }

  #record(type: HistoryEntry['type'], object: KubernetesObject): KubernetesObject {
    const version = ++this.#version;
    const recorded = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
    this.#history.push({ version, type, object: recorded });
    this.#tell(type, recorded);
    return recorded;
  }

  #tell(type: string, object: unknown): void {
    for (const watch of this.#watches) watch.write(`${JSON.stringify({ type, object })}\n`);
  }
}

const ok = (body: unknown): ScriptedAnswer => ({ status: 200, body: JSON.stringify(body) });

export function refusal(code: number, reason: string, message: string, details: object = {}): ScriptedAnswer {
  return { status: code, body: JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message, details }) };
}

const gone = refusal(410, 'Expired', 'too old resource version').body ?? '';

/** RFC 7396, but for null. */
function merged(one: unknown, other: unknown): unknown {
  const both = typeof one === 'object' && one !== null && typeof other === 'object' && other !== null && !Array.isArray(other);
  return both ? { ...one, ...Object.fromEntries(Object.entries(other).map(([key, value]) => [key, merged((one as Record<string, unknown>)[key], value)])) } : other;
}
