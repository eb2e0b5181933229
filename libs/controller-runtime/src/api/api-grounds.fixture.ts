import { randomBytes } from 'node:crypto';
import type { KubeConfig } from '@kubernetes/client-node';
import { type Lease, leases } from '../leader/lease.ts';
import { sharedControlPlane } from '../testing/shared-control-plane.ts';
import { ApiClient } from './api-client.ts';
import { ApiDouble } from './api-double.fixture.ts';

/** An API server to test against, and a namespace of it that nobody else uses. */
export interface ApiGround extends AsyncDisposable {
  readonly kubeConfig: KubeConfig;
  readonly client: ApiClient;
  readonly namespace: string;
}

export async function realGround(): Promise<ApiGround> {
  const plane = await sharedControlPlane();
  return groundOf(plane.kubeConfig, await plane.createNamespace('kit'), plane);
}

async function doubleGround(): Promise<ApiGround> {
  const double = await ApiDouble.start();
  return groundOf(double.kubeConfig, `kit-${randomBytes(4).toString('hex')}`, double);
}

/** The servers that the same test can be put to. */
export const apiGrounds: readonly (readonly [string, () => Promise<ApiGround>])[] = [
  ['the real API server', realGround],
  ['the double', doubleGround],
];

function groundOf(kubeConfig: KubeConfig, namespace: string, server: AsyncDisposable): ApiGround {
  const client = new ApiClient({ kubeConfig, fieldManager: 'kit' });
  return {
    kubeConfig,
    client,
    namespace,
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** The plainest object that every API server has: its holder is what tests change. */
export function lease(namespace: string, name: string, holderIdentity = 'nobody'): Lease {
  return { apiVersion: leases.apiVersion, kind: leases.kind, metadata: { namespace, name }, spec: { holderIdentity } };
}
