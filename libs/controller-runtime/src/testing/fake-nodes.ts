import { randomBytes } from 'node:crypto';
import type { ApiClient } from '../api/api-client.ts';
import { isNotFound } from '../api/api-error.ts';
import { fakeNode, type FakeNodesOptions, isReady, nodes, type Taint } from './fake-node.ts';
import { heartbeatLabel } from './kwok/kwok-configuration.ts';
import { waitUntil } from './wait-until.ts';

/** Some nodes that only kwok plays. */
export class FakeNodes implements AsyncDisposable {
  readonly names: readonly string[];
  readonly #client: ApiClient;

  constructor(client: ApiClient, names: readonly string[]) {
    this.#client = client;
    this.names = names;
  }

  /** Adds nodes and waits until all are ready. */
  static async create(client: ApiClient, options: FakeNodesOptions): Promise<FakeNodes> {
    const prefix = `fake-${randomBytes(3).toString('hex')}`;
    const names = Array.from({ length: options.count ?? 1 }, (_, index) => `${prefix}-${index}`);
    await Promise.all(names.map((name) => client.create(nodes, fakeNode(name, options))));
    const made = new FakeNodes(client, names);
    await Promise.all(names.map((name) => made.ready(name)));
    return made;
  }

  /** Waits until a node is ready and takes pods. */
  async ready(name: string): Promise<void> {
    await waitUntil(
      async () => {
        const node = await this.#client.get(nodes, { namespace: '', name });
        return isReady(node) && node.spec?.taints?.some(({ key }) => key.startsWith('node.kubernetes.io/')) !== true;
      },
      { what: `node ${name} to be ready`, withinMs: 60_000 },
    );
  }

  /** A machine that is lost: no more heartbeats, its pods' states stand still. Waits until the node is no longer ready. */
  async stop(name: string): Promise<void> {
    await this.#heartbeat(name, null);
    await waitUntil(async () => !isReady(await this.#client.get(nodes, { namespace: '', name })), { what: `node ${name} to be taken for lost`, withinMs: 120_000 });
  }

  /** Brings a stopped node back, and waits until it is ready. */
  async start(name: string): Promise<void> {
    await this.#heartbeat(name, heartbeatLabel.value);
    await this.ready(name);
  }

  /** Adds a taint, or replaces that of the same key and effect. */
  async taint(name: string, taint: Taint): Promise<void> {
    await this.#taints(name, taint, [taint]);
  }

  async untaint(name: string, taint: Pick<Taint, 'key' | 'effect'>): Promise<void> {
    await this.#taints(name, taint, []);
  }

  /** Deletes the nodes, and with them their pods. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.names.map((name) =>
        this.#client.delete(nodes, { namespace: '', name }).catch((error: unknown) => {
          if (!isNotFound(error)) throw error;
        }),
      ),
    );
  }

  async #heartbeat(name: string, value: string | null): Promise<void> {
    await this.#client.patch(nodes, { namespace: '', name }, { metadata: { labels: { [heartbeatLabel.name]: value } } }, { type: 'merge' });
  }

  async #taints(name: string, { key, effect }: Pick<Taint, 'key' | 'effect'>, put: readonly Taint[]): Promise<void> {
    await waitUntil(
      async () => {
        const node = await this.#client.get(nodes, { namespace: '', name });
        const others = (node.spec?.taints ?? []).filter((other) => other.key !== key || other.effect !== effect);
        await this.#client.replace(nodes, { ...node, spec: { ...node.spec, taints: [...others, ...put] } });
        return true;
      },
      { what: `a change of the taints of node ${name} that nobody else gets in between of` },
    );
  }
}
