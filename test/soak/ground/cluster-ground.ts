import type { ConnectOptions } from '@grm/client';
import { waitUntil } from '@grm/controller-runtime/testing';
import type { ServiceAddress } from '@grm/protocol';
import type { NodeConnectionOptions } from '@nats-io/transport-node';
import { credsAuthenticator } from '@nats-io/transport-node';
import { z } from 'zod';
import { e2eGround, type Ground as Namespace, isTrue } from '../../e2e/support/ground.ts';
import { installChart, release } from '../../e2e/support/release.ts';
import { type Component, components, type Ground, type Member } from './ground.ts';

const service = 'soak';
const maxPending = 64;
const voters = 2;
const metaRMs = 1;
/** The chart's default. */
const replicasOfTheOperator = 2;
const readyWithinMs = 180_000;
const insistMs = 60_000;

/** What is needed of a pod; the incarnation is its container, which the kubelet starts again in the same pod. */
const podList = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), deletionTimestamp: z.string().optional() }),
      status: z.object({ containerStatuses: z.array(z.object({ containerID: z.string().optional(), ready: z.boolean() })).default([]) }),
    }),
  ),
});

interface RunningPod extends Omit<Member, 'component'> {
  readonly ready: boolean;
}

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
        metaRM: { model: { builtin: 'nano-meta-rm' }, replicas: metaRMs, resources: cpuAndMemory('50m', '512Mi') },
        voter: { replicas: voters, resources: cpuAndMemory('50m', '256Mi') },
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

  async members(component: Component): Promise<readonly Member[]> {
    return (await this.#pods(component)).map(({ name, incarnation }) => ({ name, component, incarnation }));
  }

  /** Pods of the service. */
  async pods(): Promise<readonly Member[]> {
    return (await Promise.all((['sampler', 'meta-rm', 'voter'] as const).map((component) => this.members(component)))).flat();
  }

  /** Pods of the operator. */
  operators(): Promise<readonly RunningPod[]> {
    return this.#operatorPods();
  }

  /** Waits until none of these pods is there. */
  async untilGone(pods: readonly Member[]): Promise<void> {
    const names = new Set(pods.map(({ name }) => name));
    await waitUntil(async () => !(await this.pods()).some(({ name }) => names.has(name)), { what: 'the pods to leave the node', withinMs: readyWithinMs });
  }

  /** kubectl, again where it fails: the API server may be one of what is struck. */
  async insist(args: readonly string[], timeoutMs = 15_000): Promise<void> {
    const done = () => this.namespace.cluster.kubectl(args, { timeoutMs });
    await waitUntil(done, { what: `kubectl ${args.join(' ')}`, withinMs: insistMs + timeoutMs });
  }

  #pods(component: Component): Promise<RunningPod[]> {
    const instance = component === 'nats' ? release.name : service;
    return this.#selected(component === 'nats' ? release.namespace : this.address.namespace, component, instance);
  }

  #operatorPods(): Promise<RunningPod[]> {
    return this.#selected(release.namespace, 'operator', release.name);
  }

  /** Pods that are not on their way out. */
  async #selected(namespace: string, component: string, instance: string): Promise<RunningPod[]> {
    const selector = `app.kubernetes.io/component=${component},app.kubernetes.io/instance=${instance}`;
    const { items } = podList.parse(JSON.parse(await this.namespace.cluster.kubectl(['-n', namespace, 'get', 'pods', '-o', 'json', '--selector', selector])));
    return items.flatMap(({ metadata: { name, deletionTimestamp }, status }) => {
      const [container] = status.containerStatuses;
      if (deletionTimestamp !== undefined || container?.containerID === undefined) return [];
      return [{ name: `${namespace}/${name}`, incarnation: container.containerID.replace('containerd://', ''), ready: container.ready }];
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
    await this.insist(['-n', this.address.namespace, 'scale', `grmsvc/${service}`, `--replicas=${samplers}`]);
    await this.namespace.untilService(service, `${samplers} samplers`, ({ status }) => status?.sampler?.ready === samplers && status.sampler.replicas === samplers, readyWithinMs);
  }

  async unsettled(): Promise<string | undefined> {
    const { status } = await this.namespace.service(service);
    if (!isTrue(status, 'Ready') || status?.rollout?.phase !== 'Stable') return 'the service is not Ready';
    // The pods themselves as well: what the operator says of them comes a moment later.
    const wanted = { sampler: this.#samplers, 'meta-rm': metaRMs, voter: voters, nats: 1 } as const;
    for (const component of components) {
      const ready = (await this.#pods(component)).filter((pod) => pod.ready).length;
      if (ready !== wanted[component]) return `${ready} of ${wanted[component]} ${component} are ready`;
    }
    const operators = await this.#operatorPods();
    return operators.length === replicasOfTheOperator && operators.every((pod) => pod.ready) ? undefined : 'the operator is not ready';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.namespace[Symbol.asyncDispose]();
  }
}
