import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { ApiClient } from '../api/api-client.ts';
import type { ObjectKey } from '../api/kubernetes-object.ts';
import { resourceType } from '../api/resource-type.ts';
import { type CertificateAuthority, openCertificateAuthority } from './certificate-authority.ts';
import type { FakeNodesOptions } from './fake-node.ts';
import { FakeNodes } from './fake-nodes.ts';
import { kubeconfigText } from './kubeconfig.ts';
import type { PodBehaviour } from './pod-behaviour.ts';
import { podRule, type PodSelection, setPodBehaviour } from './pod-rule.ts';
import { runTool, type ToolOptions } from './run-tool.ts';
import { waitUntil } from './wait-until.ts';

/** All that another process must know to use a control plane: plain JSON. */
export interface PlaneFacts {
  readonly folder: string;
  /** Folder of kubectl, helm and the servers. */
  readonly tools: string;
  /** `https://127.0.0.1:port`. */
  readonly server: string;
  readonly authority: Omit<CertificateAuthority, 'issue'>;
  /** Names of the built-in controllers that run. */
  readonly controllers: readonly string[];
}

export interface User {
  readonly user: string;
  readonly groups?: readonly string[];
}

const namespaces = resourceType({ apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false });
const serviceAccounts = resourceType({ apiVersion: 'v1', kind: 'ServiceAccount', plural: 'serviceaccounts', namespaced: true });

/** A running control plane as tests use it, from whichever process. */
export class PlaneAccess implements AsyncDisposable {
  readonly facts: PlaneFacts;
  /** The administrator's kubeconfig, as a file. */
  readonly kubeconfigPath: string;
  /** The administrator's kubeconfig. */
  readonly kubeConfig: KubeConfig;
  /** The administrator's client, with field manager `test`. */
  readonly client: ApiClient;
  readonly #authority: CertificateAuthority;

  constructor(facts: PlaneFacts) {
    this.facts = facts;
    this.#authority = openCertificateAuthority(facts.authority);
    this.kubeconfigPath = join(facts.folder, 'admin.kubeconfig');
    this.kubeConfig = this.kubeconfigFor({ user: 'admin', groups: ['system:masters'] });
    this.client = new ApiClient({ kubeConfig: this.kubeConfig, fieldManager: 'test', queriesPerSecond: 1000, burst: 2000 });
  }

  /** A user with a certificate of these names. What it may do, RBAC says. */
  kubeconfigFor({ user, groups = [] }: User): KubeConfig {
    const { server, authority } = this.facts;
    const credentials = this.#authority.issue({ commonName: user, organizations: groups, usage: 'client' });
    return loaded(kubeconfigText({ server, certificateAuthority: authority.certificate, credentials }));
  }

  /** A ServiceAccount with a token of its own (TokenRequest, one hour), as its pods would have it. */
  async kubeconfigForServiceAccount({ namespace, name }: ObjectKey): Promise<KubeConfig> {
    const { server, authority } = this.facts;
    const token = await this.kubectl(['create', 'token', name, '--namespace', namespace]);
    return loaded(kubeconfigText({ server, certificateAuthority: authority.certificate, credentials: { token: token.trim() }, namespace }));
  }

  /** A new namespace; its name is the prefix and something that no other has. Pods can be created in it at once: its default ServiceAccount is there. */
  async createNamespace(prefix = 'test', labels: Readonly<Record<string, string>> = {}): Promise<string> {
    const name = `${prefix}-${randomBytes(4).toString('hex')}`;
    await this.client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
    if (this.facts.controllers.includes('serviceaccount-controller')) {
      // After an API server was away, controllers may take half a minute until they look again.
      await waitUntil(() => this.client.get(serviceAccounts, { namespace: name, name: 'default' }), { what: `the default ServiceAccount of ${name}`, withinMs: 60_000 });
    }
    return name;
  }

  /**
   * kubectl as the administrator; returns what it prints.
   * @throws ToolFailedError
   */
  kubectl(args: readonly string[], options: ToolOptions = {}): Promise<string> {
    return runTool(join(this.facts.tools, 'kubectl'), ['--kubeconfig', this.kubeconfigPath, ...args], options);
  }

  /**
   * helm as the administrator; its own files stay in the plane's folder.
   * @throws ToolFailedError
   */
  helm(args: readonly string[], options: ToolOptions = {}): Promise<string> {
    const { folder, tools } = this.facts;
    const own = { HELM_CACHE_HOME: join(folder, 'helm'), HELM_CONFIG_HOME: join(folder, 'helm'), HELM_DATA_HOME: join(folder, 'helm') };
    return runTool(join(tools, 'helm'), args, { timeoutMs: 120_000, ...options, environment: { ...own, KUBECONFIG: this.kubeconfigPath, ...options.environment } });
  }

  /** Adds nodes that only kwok plays, and waits until they are ready. They go when they are disposed of. */
  fakeNodes(options: FakeNodesOptions = {}): Promise<FakeNodes> {
    return FakeNodes.create(this.client, options);
  }

  /** Says what pods do that are created from now on, whoever creates them, until it is disposed of. In force when it returns. */
  podsBehave(selection: PodSelection, behaviour: PodBehaviour): Promise<AsyncDisposable> {
    return podRule(this.client, selection, behaviour);
  }

  /** Says what a pod that is there does from now on. */
  podBehaves(pod: ObjectKey, behaviour: PodBehaviour): Promise<void> {
    return setPodBehaviour(this.client, pod, behaviour);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]();
  }
}

function loaded(text: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromString(text);
  return config;
}
