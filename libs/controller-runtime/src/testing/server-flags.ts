import { join } from 'node:path';

/** Files and addresses that the servers of one control plane share. */
export interface PlaneLayout {
  /** Holds everything below. */
  readonly folder: string;
  readonly apiPort: number;
}

export const etcdSocket = 'etcd.sock';
const file = (layout: PlaneLayout, name: string): string => join(layout.folder, name);

/** etcd on Unix sockets, so that it needs no port, with nothing waiting for the disk: data that nobody misses. */
export function etcdFlags(layout: PlaneLayout): string[] {
  // Advertised addresses need the form host:port, even of sockets. The peer's is a file in the working folder; nobody calls it.
  const peer = 'unix://peer:1';
  return [
    `--data-dir=${file(layout, 'etcd')}`,
    '--unsafe-no-fsync',
    `--listen-client-urls=unix://${file(layout, etcdSocket)}`,
    '--advertise-client-urls=unix://client:1',
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    '--log-level=warn',
  ];
}

export interface ApiServerFacts extends PlaneLayout {
  /** How long a pod stays on a node that is lost, s. */
  readonly nodeLossTolerationSeconds: number;
}

export function apiServerFlags(facts: ApiServerFacts): string[] {
  return [
    `--etcd-servers=unix://${file(facts, etcdSocket)}`,
    `--secure-port=${facts.apiPort}`,
    '--bind-address=127.0.0.1',
    // It would publish its loopback address as the endpoint of the Service `kubernetes`, and fail at that.
    '--endpoint-reconciler-type=none',
    `--tls-cert-file=${file(facts, 'api-server.crt')}`,
    `--tls-private-key-file=${file(facts, 'api-server.key')}`,
    `--client-ca-file=${file(facts, 'ca.crt')}`,
    '--authorization-mode=Node,RBAC',
    '--allow-privileged=true',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${file(facts, 'service-accounts.key')}`,
    `--service-account-signing-key-file=${file(facts, 'service-accounts.key')}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    `--default-not-ready-toleration-seconds=${facts.nodeLossTolerationSeconds}`,
    `--default-unreachable-toleration-seconds=${facts.nodeLossTolerationSeconds}`,
    // How tests say from outside what pods of a namespace do (see pod-behaviour.ts).
    '--feature-gates=MutatingAdmissionPolicy=true',
    '--runtime-config=admissionregistration.k8s.io/v1beta1=true',
    '--profiling=false',
  ];
}

/** What a workload's objects need; nothing for clouds and certificates. */
export const defaultControllers: readonly string[] = [
  'cronjob-controller',
  'clusterrole-aggregation-controller',
  'daemonset-controller',
  'deployment-controller',
  'disruption-controller',
  'endpoints-controller',
  'endpointslice-controller',
  'garbage-collector-controller',
  'horizontal-pod-autoscaler-controller',
  'job-controller',
  'namespace-controller',
  'node-lifecycle-controller',
  'persistentvolume-binder-controller',
  'persistentvolume-protection-controller',
  'persistentvolumeclaim-protection-controller',
  'pod-garbage-collector-controller',
  'replicaset-controller',
  'resourcequota-controller',
  'root-ca-certificate-publisher-controller',
  'serviceaccount-controller',
  'statefulset-controller',
  'taint-eviction-controller',
  'ttl-after-finished-controller',
];

export interface ControllerManagerFacts extends PlaneLayout {
  readonly controllers: readonly string[];
  /** A node whose heartbeat is older than this is taken for lost, s. */
  readonly nodeMonitorGraceSeconds: number;
}

export function controllerManagerFlags(facts: ControllerManagerFacts): string[] {
  return [
    `--kubeconfig=${file(facts, 'controller-manager.kubeconfig')}`,
    `--controllers=${facts.controllers.join(',')}`,
    `--root-ca-file=${file(facts, 'ca.crt')}`,
    `--service-account-private-key-file=${file(facts, 'service-accounts.key')}`,
    '--leader-elect=false',
    // Nothing is served, so no port is needed.
    '--secure-port=0',
    '--kube-api-qps=1000',
    '--kube-api-burst=2000',
    '--node-monitor-period=1s',
    `--node-monitor-grace-period=${facts.nodeMonitorGraceSeconds}s`,
    // Of lost nodes one every ten seconds would be emptied, for fear that the network is to blame.
    '--node-eviction-rate=100',
    '--secondary-node-eviction-rate=100',
    '--horizontal-pod-autoscaler-sync-period=2s',
    '--profiling=false',
  ];
}

export function schedulerFlags(layout: PlaneLayout): string[] {
  return [
    `--kubeconfig=${file(layout, 'scheduler.kubeconfig')}`,
    '--leader-elect=false',
    '--secure-port=0',
    '--kube-api-qps=1000',
    '--kube-api-burst=2000',
    '--profiling=false',
  ];
}

export const kwokConfigurationFile = 'kwok.yaml';

export function kwokFlags(layout: PlaneLayout): string[] {
  return [`--kubeconfig=${file(layout, 'kwok.kubeconfig')}`, `--config=${file(layout, kwokConfigurationFile)}`, '--v=WARN'];
}
