import type { ConnectOptions } from '@grm/client';
import { waitUntil } from '@grm/controller-runtime/testing';
import type { ServiceAddress } from '@grm/protocol';
import type { NodeConnectionOptions } from '@nats-io/transport-node';
import { credsAuthenticator } from '@nats-io/transport-node';
import { z } from 'zod';
import { e2eGround, type Ground as Namespace, isTrue } from '../../e2e/support/ground.ts';
import { installChart, release } from '../../e2e/support/release.ts';
import type { Component, Ground, Member } from './ground.ts';

const service = 'soak';
const maxPending = 64;
const readyWithinMs = 180_000;

/** What is needed of a pod; the incarnation is its container, which the kubelet starts again in the same pod. */
const podList = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), deletionTimestamp: z.string().optional() }),
      status: z.object({ containerStatuses: z.array(z.object({ containerID: z.string().optional(), ready: z.boolean() })).default([]) }),
    }),
  ),
});

const cpuAndMemory = (cpu: string, memory: string) => ({ requests: { cpu, memory } });

/** One inference service as the operator keeps it on the cluster of `make cluster`, asked from outside of it by the user that a team is given. */
export class ClusterGround implements Ground {
  readonly kind = 'cluster';
  readonly address: ServiceAddress;
  readonly maxPending = maxPending;
  readonly inboxes: string;
  readonly namespace: Namespace;
  #samplers: number;

  private constructor(namespace: Namespace, samplers: number) {
    this.namespace = namespace;
    this.address = { namespace: namespace.namespace, service };
    this.inboxes = `_INBOX_client.${namespace.namespace}.>`;
    this.#samplers = samplers;
  }

  /** Installs the chart where it is not, and a service in a namespace of its own. */
  static async open(samplers: number): Promise<ClusterGround> {
    const ground = new ClusterGround(await e2eGround('soak'), samplers);
    try {
      await installChart(ground.namespace.cluster);
      await ground.namespace.serve(service, {
        sampler: { replicas: samplers, resources: cpuAndMemory('50m', '512Mi') },
        metaRM: { model: { builtin: 'nano-meta-rm' }, replicas: 1, resources: cpuAndMemory('50m', '512Mi') },
        voter: { replicas: 2, resources: cpuAndMemory('50m', '256Mi') },
        vote: { metaRM: 'Weight' },
        limits: { maxPending, maxResponses: 4 },
      });
      await ground.namespace.untilServing(service, readyWithinMs);
    } catch (error) {
      await ground[Symbol.asyncDispose]();
      throw error;
    }
    return ground;
  }

  get samplers(): number {
    return this.#samplers;
  }

  async team(): Promise<ConnectOptions> {
    return { servers: this.namespace.natsUrl, ...this.address, credentials: await this.namespace.credentials(service) };
  }

  async administration(): Promise<NodeConnectionOptions> {
    const secret = ['-n', release.namespace, 'get', 'secret', `${release.name}-nats-account`, '-o', 'jsonpath={.data.operator\\.creds}'];
    const creds = Buffer.from(await this.namespace.cluster.kubectl(secret), 'base64');
    return { servers: this.namespace.natsUrl, authenticator: credsAuthenticator(creds) };
  }

  members(component: Component): Promise<readonly Member[]> {
    const namespace = component === 'nats' ? release.namespace : this.address.namespace;
    return this.#members(component, namespace, component === 'nats' ? [] : [`app.kubernetes.io/instance=${service}`]);
  }

  /** Pods of the service. */
  async pods(): Promise<readonly Member[]> {
    return (await Promise.all((['sampler', 'meta-rm', 'voter'] as const).map((component) => this.members(component)))).flat();
  }

  /** Pods of the operator. */
  operators(): Promise<readonly Omit<Member, 'component'>[]> {
    return this.#members('operator', release.namespace, []);
  }

  /** Waits until none of these pods is there. */
  async untilGone(pods: readonly Member[]): Promise<void> {
    const names = new Set(pods.map(({ name }) => name));
    await waitUntil(async () => !(await this.pods()).some(({ name }) => names.has(name)), { what: 'the pods to leave the node', withinMs: readyWithinMs });
  }

  async #members<Of extends Component | 'operator'>(component: Of, namespace: string, selector: readonly string[]) {
    const labels = [`app.kubernetes.io/component=${component}`, ...selector].join(',');
    const { items } = podList.parse(JSON.parse(await this.namespace.cluster.kubectl(['-n', namespace, 'get', 'pods', '-o', 'json', '--selector', labels])));
    return items.flatMap(({ metadata: { name, deletionTimestamp }, status }) => {
      const [container] = status.containerStatuses;
      if (deletionTimestamp !== undefined || container?.containerID === undefined) return [];
      return [{ name: `${namespace}/${name}`, component, incarnation: container.containerID.replace('containerd://', '') }];
    });
  }

  async signal({ incarnation }: Pick<Member, 'incarnation'>, signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    // A container that has ended meanwhile is one that need not be signalled.
    await this.namespace.cluster.containerd(['task', 'kill', '--signal', signal, incarnation]).catch((error: unknown) => {
      if (!/not found|already finished/u.test(String(error))) throw error;
    });
  }

  async scale(samplers: number): Promise<void> {
    this.#samplers = samplers;
    await this.namespace.kubectl(['scale', `grmsvc/${service}`, `--replicas=${samplers}`]);
    await this.namespace.untilService(service, `${samplers} samplers`, ({ status }) => status?.sampler?.ready === samplers && status.sampler.replicas === samplers, readyWithinMs);
  }

  async unsettled(): Promise<string | undefined> {
    const { status } = await this.namespace.service(service);
    if (!isTrue(status, 'Ready') || status?.rollout?.phase !== 'Stable') return 'the service is not Ready';
    const ready = { sampler: status.sampler?.ready, 'meta-rm': status.metaRM?.ready, voter: status.voter?.ready };
    if (ready.sampler !== this.#samplers || ready['meta-rm'] !== 1 || ready.voter !== 2) return `ready are ${JSON.stringify(ready)}`;
    const waiting = await this.namespace.cluster.kubectl(['-n', release.namespace, 'get', 'statefulset,deployment', '-o', 'jsonpath={range .items[*]}{.metadata.name} {.status.readyReplicas} of {.spec.replicas}\n{end}']);
    return waiting.split('\n').find((line) => / (\S*) of (\S+)$/u.test(line) && !/ (\S+) of \1$/u.test(line));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.namespace[Symbol.asyncDispose]();
  }
}
