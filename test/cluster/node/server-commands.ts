import { apiServerFlags, controllerManagerFlags, etcdFlags, kwokFlags, type PlaneFacts, schedulerFlags, type ServerCommand } from '@grm/controller-runtime/testing';
import { join } from 'node:path';
import type { NodeServer } from '../cluster-facts.ts';
import { claimsFolder } from './node-files.ts';

export const apiPort = 6443;
/** Addresses of Services, as the API server's flags have it. */
const serviceNetwork = '10.96.0.0/16';

export interface NodeFacts {
  readonly plane: PlaneFacts;
  readonly node: string;
  readonly address: string;
  /** `node` and the compiled program that provisions claims. */
  readonly claimsProgram: readonly [string, ...string[]];
}

/** A pod leaves a node that is lost after this long; five minutes in most clusters, which no test waits for. */
const nodeLossTolerationSeconds = 20;
const nodeMonitorGraceSeconds = 20;

/** Command lines of everything that runs on the node outside of pods. */
export function serverCommands({ plane, node, address, claimsProgram }: NodeFacts): Record<NodeServer, ServerCommand> {
  const { folder, tools } = plane;
  const layout = { folder, apiPort, nodeLossTolerationSeconds, nodeMonitorGraceSeconds, controllers: plane.controllers };
  const file = (name: string) => join(folder, name);
  const command = (name: NodeServer, args: readonly string[], program = join(tools, name)): ServerCommand => ({ name, file: program, args, folder, logFile: file(`${name}.log`) });
  const [claims, ...claimsArgs] = claimsProgram;
  return {
    etcd: command('etcd', etcdFlags(layout)),
    // Of a flag that is given twice the last counts.
    'kube-apiserver': command('kube-apiserver', [
      ...apiServerFlags(layout),
      '--bind-address=0.0.0.0',
      `--advertise-address=${address}`,
      '--endpoint-reconciler-type=lease',
      '--enable-admission-plugins=NodeRestriction',
      `--kubelet-client-certificate=${file('kubelet-client.crt')}`,
      `--kubelet-client-key=${file('kubelet-client.key')}`,
      `--kubelet-certificate-authority=${file('ca.crt')}`,
      '--kubelet-preferred-address-types=InternalIP',
    ]),
    'kube-controller-manager': command('kube-controller-manager', controllerManagerFlags(layout)),
    'kube-scheduler': command('kube-scheduler', schedulerFlags(layout)),
    kwok: command('kwok', kwokFlags(layout)),
    containerd: command('containerd', [`--config=${file('containerd.toml')}`], 'containerd'),
    kubelet: command('kubelet', [`--config=${file('kubelet.yaml')}`, `--kubeconfig=${file('kubelet.kubeconfig')}`, `--hostname-override=${node}`, `--node-ip=${address}`, '--root-dir=/var/lib/kubelet']),
    'kube-proxy': command('kube-proxy', [`--config=${file('kube-proxy.yaml')}`]),
    // Enforces NetworkPolicies.
    'kube-router': command('kube-router', [`--kubeconfig=${file('kube-router.kubeconfig')}`, `--hostname-override=${node}`, `--service-cluster-ip-range=${serviceNetwork}`]),
    coredns: command('coredns', [`-conf=${file('Corefile')}`]),
    claims: command('claims', [...claimsArgs, file('admin.kubeconfig'), node, join(folder, claimsFolder)], claims),
  };
}
