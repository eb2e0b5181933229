import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { certificateAuthority } from './certificate-authority.ts';
import { kubeconfigText } from './kubeconfig.ts';
import { kwokConfiguration } from './kwok/kwok-configuration.ts';
import type { PlaneFacts } from './plane-access.ts';
import { kwokConfigurationFile } from './server-flags.ts';

export interface PlaneLayoutOptions {
  /** Empty; receives everything. */
  readonly folder: string;
  readonly tools: string;
  /** IP address at which the API server is reached. */
  readonly address: string;
  readonly apiPort: number;
  readonly controllers: readonly string[];
}

/** Names of the API server, besides its address. */
const hosts = ['localhost', '127.0.0.1', '10.96.0.1', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'];
// The controller manager is all its controllers at once, whose separate accounts would only cost time.
const users = ['admin', 'controller-manager', 'scheduler', 'kwok'];

/** Lays out certificates, keys and kubeconfigs of a control plane. */
export async function layOutPlane({ folder, tools, address, apiPort, controllers }: PlaneLayoutOptions): Promise<PlaneFacts> {
  const authority = certificateAuthority('test-control-plane');
  const { commonName, key, certificate } = authority;
  const server = `https://${address}:${apiPort}`;
  const own = authority.issue({ commonName: 'kube-apiserver', hosts: [...new Set([...hosts, address])], usage: 'server' });
  const serviceAccounts = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey.export({ type: 'sec1', format: 'pem' }).toString();
  const kubeconfigs = users.map((user): [string, string] => {
    const credentials = authority.issue({ commonName: user, organizations: ['system:masters'], usage: 'client' });
    return [`${user}.kubeconfig`, kubeconfigText({ server, certificateAuthority: certificate, credentials })];
  });
  const files: readonly [string, string][] = [['ca.crt', certificate], ['api-server.crt', own.certificate], ['api-server.key', own.key], ['service-accounts.key', serviceAccounts], [kwokConfigurationFile, kwokConfiguration()], ...kubeconfigs];
  await Promise.all(files.map(([name, text]) => writeFile(join(folder, name), text, { mode: 0o600 })));
  return { folder, tools, server, authority: { commonName, key, certificate }, controllers };
}
