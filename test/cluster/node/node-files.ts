import { join } from 'node:path';
import { kubeconfigText, openCertificateAuthority, type PlaneFacts } from '@grm/controller-runtime/testing';
import { mkdir, writeFile } from 'node:fs/promises';

/** Of pods on the real node; kwok gives its own pods addresses of 10.244. */
const podNetwork = '10.245.0.0/24';
/** Name under which containerd finds the image that holds a pod's namespaces. */
const pauseImage = 'docker.io/library/grm-pause:1';
/** Where containerd listens, in the node's own mount namespace. */
export const containerdSocket = '/run/grm-node/containerd.sock';
/** Folder of the volumes that claims get. */
export const claimsFolder = 'claims';

export interface NodeFilesOptions {
  readonly plane: PlaneFacts;
  readonly node: string;
  readonly address: string;
  /** Parent of all cgroups of the node's pods. */
  readonly cgroup: string;
  /** Folder of the CNI plugins. */
  readonly cni: string;
}

/** Configuration, certificates and kubeconfigs of what makes a machine a node. */
export async function writeNodeFiles({ plane, node, address, cgroup, cni }: NodeFilesOptions): Promise<void> {
  const { folder, server } = plane;
  const file = (name: string) => join(folder, name);
  const authority = openCertificateAuthority(plane.authority);
  const serving = authority.issue({ commonName: `system:node:${node}`, organizations: ['system:nodes'], hosts: [node, address, '127.0.0.1'], usage: 'server' });
  const client = authority.issue({ commonName: 'kube-apiserver-kubelet-client', organizations: ['system:masters'], usage: 'client' });
  const kubeconfig = (user: string, groups: readonly string[]) => kubeconfigText({ server, certificateAuthority: authority.certificate, credentials: authority.issue({ commonName: user, organizations: groups, usage: 'client' }) });
  const texts: Readonly<Record<string, string>> = {
    'kubelet-serving.crt': serving.certificate,
    'kubelet-serving.key': serving.key,
    'kubelet-client.crt': client.certificate,
    'kubelet-client.key': client.key,
    'kubelet.kubeconfig': kubeconfig(`system:node:${node}`, ['system:nodes']),
    'kube-proxy.kubeconfig': kubeconfig('system:kube-proxy', []),
    'kube-router.kubeconfig': kubeconfig('kube-router', ['system:masters']),
    'coredns.kubeconfig': kubeconfig('coredns', ['system:masters']),
    'kubelet.yaml': json(kubelet(file, address, cgroup)),
    'kube-proxy.yaml': json(kubeProxy(file, node)),
    'containerd.toml': containerd(folder, cni),
    Corefile: corefile(file, address),
    'resolv.conf': '',
    'cni/10-pods.conflist': json(podNetworkPlugins),
  };
  for (const path of ['cni', claimsFolder]) await mkdir(file(path), { recursive: true });
  await Promise.all(Object.entries(texts).map(([name, text]) => writeFile(file(name), text, { mode: 0o600 })));
}

const json = (document: unknown): string => `${JSON.stringify(document, undefined, 2)}\n`;

function kubelet(file: (name: string) => string, address: string, cgroup: string): unknown {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: file('ca.crt') } },
    authorization: { mode: 'Webhook' },
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${cgroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    oomScoreAdj: 0,
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    clusterDNS: [address],
    clusterDomain: 'cluster.local',
    resolvConf: file('resolv.conf'),
    tlsCertFile: file('kubelet-serving.crt'),
    tlsPrivateKeyFile: file('kubelet-serving.key'),
    // The disk is shared with whatever else the machine does.
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%', 'nodefs.inodesFree': '1%' },
    imageGCHighThresholdPercent: 100,
    maxPods: 200,
    nodeStatusUpdateFrequency: '5s',
    enableControllerAttachDetach: false,
    registryPullQPS: 0,
  };
}

function kubeProxy(file: (name: string) => string, node: string): unknown {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    clusterCIDR: podNetwork,
    clientConnection: { kubeconfig: file('kube-proxy.kubeconfig') },
    hostnameOverride: node,
    bindAddress: '0.0.0.0',
    healthzBindAddress: '127.0.0.1:10256',
    metricsBindAddress: '127.0.0.1:10249',
    // Limits of the whole machine stay as they are.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
}

/** Every pod has a link of its own to the node, so all traffic between pods is routed and passes the node's rules for Services. */
const podNetworkPlugins = {
  cniVersion: '1.0.0',
  name: 'pods',
  plugins: [
    { type: 'ptp', ipMasq: false, ipam: { type: 'host-local', dataDir: '/var/lib/cni/networks', ranges: [[{ subnet: podNetwork }]], routes: [{ dst: '0.0.0.0/0' }] } },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
};

function containerd(folder: string, cni: string): string {
  const needless = ['io.containerd.snapshotter.v1.btrfs', 'io.containerd.snapshotter.v1.zfs', 'io.containerd.snapshotter.v1.aufs', 'io.containerd.snapshotter.v1.devmapper', 'io.containerd.internal.v1.tracing', 'io.containerd.tracing.processor.v1.otlp'];
  return `version = 2
root = "${folder}/containerd"
state = "/run/grm-node/containerd"
disabled_plugins = ${JSON.stringify(needless)}
[grpc]
  address = "${containerdSocket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${cni}"
    conf_dir = "${folder}/cni"
`;
}

function corefile(file: (name: string) => string, address: string): string {
  return `.:53 {
  bind ${address}
  errors
  health 127.0.0.1:8081
  cache 5
  kubernetes cluster.local in-addr.arpa {
    kubeconfig ${file('coredns.kubeconfig')} test
    pods insecure
  }
}
`;
}
