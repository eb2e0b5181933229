import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectJudge, type JudgeClient } from '@grm/client';
import { waitUntil } from '@grm/controller-runtime/testing';
import type { GRMInferenceServiceStatus, GRMTrainingRunStatus } from '@grm/resources';
import { stringify } from 'yaml';
import { z } from 'zod';
import { type Cluster, openCluster } from '../../cluster/index.ts';
import { temporaryFolder, type TemporaryFolder } from '../../support/temporary-folder.ts';
import { release, restricted } from './release.ts';

export interface ServiceState {
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status?: GRMInferenceServiceStatus;
}
export interface RunState {
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status?: GRMTrainingRunStatus;
}

/** A pod, as tests look at it. */
const Pod = z.object({
  metadata: z.object({ name: z.string(), uid: z.string(), labels: z.record(z.string(), z.string()).default({}), deletionTimestamp: z.string().optional() }),
  spec: z.object({ nodeName: z.string().optional() }),
  status: z.object({ phase: z.string().optional(), podIP: z.string().optional(), conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]) }),
});
export type Pod = z.infer<typeof Pod>;
const PodList = z.object({ items: z.array(Pod) });

/** A namespace of the cluster for one test, and a team outside of it. */
export class Ground implements AsyncDisposable {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** Of teams outside of the cluster. */
  readonly natsUrl: string;
  readonly #folder: TemporaryFolder;

  constructor(cluster: Cluster, namespace: string, folder: TemporaryFolder, natsPort: number) {
    this.cluster = cluster;
    this.namespace = namespace;
    this.natsUrl = `nats://${cluster.address}:${natsPort}`;
    this.#folder = folder;
  }

  /** kubectl in this namespace. */
  kubectl(args: readonly string[], options: { readonly stdin?: string; readonly timeoutMs?: number } = {}): Promise<string> {
    return this.cluster.kubectl(['--namespace', this.namespace, ...args], options);
  }

  async apply(...objects: readonly object[]): Promise<void> {
    await this.kubectl(['apply', '-f', '-'], { stdin: objects.map((object) => stringify(object)).join('---\n') });
  }

  /** A service of the judge that comes with the project, with further fields of its spec. Small enough for several on a node of two cores. */
  async serve(name: string, spec: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await this.apply({ apiVersion: 'grm.dev/v1alpha1', kind: 'GRMInferenceService', metadata: { name }, spec: { ...nanoSpec, ...spec } });
  }

  async change(kind: 'grmsvc' | 'grmrun', name: string, spec: object): Promise<void> {
    await this.kubectl(['patch', kind, name, '--type=merge', '--patch', JSON.stringify({ spec })]);
  }

  async service(name: string): Promise<ServiceState> {
    return JSON.parse(await this.kubectl(['get', 'grmsvc', name, '-o', 'json']));
  }

  async run(name: string): Promise<RunState> {
    return JSON.parse(await this.kubectl(['get', 'grmrun', name, '-o', 'json']));
  }

  async untilService(name: string, what: string, holds: (state: ServiceState) => boolean, withinMs = 120_000): Promise<ServiceState> {
    return waitUntil(async () => look(await this.service(name), holds), { what: `service ${name}: ${what}`, withinMs });
  }

  async untilRun(name: string, what: string, holds: (state: RunState) => boolean, withinMs = 300_000): Promise<RunState> {
    return waitUntil(async () => look(await this.run(name), holds), { what: `run ${name}: ${what}`, withinMs });
  }

  /** Waits until the service answers, with nothing of a roll-out left. */
  async untilServing(name: string, withinMs = 120_000): Promise<ServiceState> {
    return this.untilService(name, 'Ready, and no roll-out under way', ({ status }) => isTrue(status, 'Ready') && status?.rollout?.phase === 'Stable', withinMs);
  }

  /** Pods of a resource's component that are not on their way out. */
  async pods(instance: string, component?: string): Promise<Pod[]> {
    const selector = [`app.kubernetes.io/instance=${instance}`, ...(component === undefined ? [] : [`app.kubernetes.io/component=${component}`])].join(',');
    const { items } = PodList.parse(JSON.parse(await this.kubectl(['get', 'pods', '--selector', selector, '-o', 'json'])));
    return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  }

  /** The team's end: the user that the operator has issued for it, over the node's port. */
  async team(service: string): Promise<JudgeClient> {
    return connectJudge({ servers: this.natsUrl, namespace: this.namespace, service, credentials: await this.credentials(service) });
  }

  /** File of the user that teams ask a service as. */
  async credentials(service: string): Promise<string> {
    const file = join(this.#folder.path, `${service}.creds`);
    const text = await waitUntil(() => this.kubectl(['get', 'secret', `grm-${service}-client-nats`, '-o', 'jsonpath={.data.nats\\.creds}']), { what: `the team's user of ${service}` });
    await writeFile(file, Buffer.from(text, 'base64'), { mode: 0o600 });
    return file;
  }

  /** Deletes the namespace: services first, while the operator can clean up after them. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kubectl(['delete', 'grmsvc,grmrun', '--all', '--timeout=90s'], { timeoutMs: 100_000 });
    await this.cluster.kubectl(['delete', 'namespace', this.namespace, '--timeout=90s'], { timeoutMs: 100_000 });
    await this.#folder[Symbol.asyncDispose]();
    await this.cluster[Symbol.asyncDispose]();
  }
}

function look<State>(state: State, holds: (state: State) => boolean): State | undefined {
  return holds(state) ? state : undefined;
}

export function isTrue(status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] } | undefined, type: string): boolean {
  return status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') === true;
}

export const isReady = ({ status }: Pod): boolean => isTrue(status, 'Ready');

const small = { requests: { cpu: '100m', memory: '512Mi' } };

/** Two judges and what weighs them, on a fraction of a core. */
export const nanoSpec: Readonly<Record<string, unknown>> = {
  model: { builtin: 'nano-judge' },
  sampling: { samples: 8, temperature: 0.5, maxTokens: 192, stopping: 'Exact' },
  sampler: { replicas: 1, resources: small },
  metaRM: { model: { builtin: 'nano-meta-rm' }, replicas: 1, resources: small },
  voter: { replicas: 1, resources: { requests: { cpu: '50m', memory: '256Mi' } } },
  limits: { maxResponses: 4 },
};

/** A namespace of one's own, in which only `restricted` pods are let in. */
export async function e2eGround(prefix: string, natsPort: number = release.natsPort): Promise<Ground> {
  const cluster = await openCluster();
  return new Ground(cluster, await cluster.createNamespace(prefix, restricted), await temporaryFolder(), natsPort);
}
