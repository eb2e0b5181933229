import type { KubernetesObject } from '../api/kubernetes-object.ts';
import { resourceType } from '../api/resource-type.ts';
import { ControlPlane } from './control-plane.ts';
import { freePort } from './free-port.ts';
import { layOutPlane } from './lay-out-plane.ts';
import { fakeProvisioner, fakeStorageClass } from './kwok/volume-stages.ts';
import { planeFolder } from './plane-folder.ts';
import { defaultControllers } from './server-flags.ts';
import { ServerExitedError } from './server-process.ts';
import { toolsFolder } from './tools-folder.ts';
import { waitUntil } from './wait-until.ts';

export interface ControlPlaneOptions {
  /** Which built-in controllers run. Default: what workloads need. None: no controller manager. */
  readonly controllers?: readonly string[];
  /** Default true. */
  readonly scheduler?: boolean;
  /** kwok, which plays fake nodes and binds claims. Default true. */
  readonly kwok?: boolean;
  /** A node whose heartbeat is older than this is taken for lost, s. Default 10. */
  readonly nodeMonitorGraceSeconds?: number;
  /** How long a pod that says nothing about it stays on a lost node, s. Default 5; in a real cluster 300. */
  readonly nodeLossTolerationSeconds?: number;
}

/** How often a start is tried, should another process take the chosen port meanwhile. */
const attempts = 3;

/**
 * Starts etcd and the Kubernetes servers on this machine's loopback: about six seconds. No nodes yet.
 * Everything ends when it is disposed of, or with this process, however that ends.
 * @throws ServerExitedError with the end of the log of the server that would not start.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const tools = await toolsFolder();
  for (let attempt = 1; ; attempt++) {
    const apiPort = await freePort();
    const facts = await layOutPlane({ folder: await planeFolder(), tools, address: '127.0.0.1', apiPort, controllers: options.controllers ?? defaultControllers });
    const plane = new ControlPlane(facts, { apiPort, nodeMonitorGraceSeconds: options.nodeMonitorGraceSeconds ?? 10, nodeLossTolerationSeconds: options.nodeLossTolerationSeconds ?? 5 });
    try {
      await startServers(plane, options);
      return plane;
    } catch (error) {
      await plane[Symbol.asyncDispose]();
      if (attempt === attempts || !(error instanceof ServerExitedError && error.portTaken)) throw error;
    }
  }
}

async function startServers(plane: ControlPlane, { scheduler = true, kwok = true }: ControlPlaneOptions): Promise<void> {
  await plane.start('etcd');
  await plane.start('kube-apiserver');
  if (scheduler) await plane.start('kube-scheduler');
  if (kwok) {
    await plane.start('kwok');
    await plane.client.create(storageClasses, defaultStorageClass);
  }
  if (plane.facts.controllers.length === 0) return;
  await plane.start('kube-controller-manager');
  if (!plane.facts.controllers.includes('serviceaccount-controller')) return;
  await waitUntil(() => plane.client.get(serviceAccounts, { namespace: 'default', name: 'default' }), { what: 'the controller manager to work', withinMs: 60_000 });
}

const serviceAccounts = resourceType({ apiVersion: 'v1', kind: 'ServiceAccount', plural: 'serviceaccounts', namespaced: true });

interface StorageClass extends KubernetesObject {
  readonly provisioner: string;
}
const storageClasses = resourceType<StorageClass>({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', plural: 'storageclasses', namespaced: false });
const defaultStorageClass: StorageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: fakeStorageClass, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: fakeProvisioner,
};
