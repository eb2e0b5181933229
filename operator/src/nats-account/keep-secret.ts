import { ApiException, CoreV1Api, KubeConfig } from '@kubernetes/client-node';

export interface SecretContent {
  readonly namespace: string;
  readonly name: string;
  readonly data: Readonly<Record<string, string>>;
}

/**
 * Creates an immutable Secret through the API server that this process's kubeconfig or ServiceAccount names; one that is there already stays as it is.
 * @returns whether it was created
 */
export async function keepSecret(secret: SecretContent): Promise<boolean> {
  const configuration = new KubeConfig();
  configuration.loadFromDefault();
  try {
    await configuration.makeApiClient(CoreV1Api).createNamespacedSecret({
      namespace: secret.namespace,
      body: {
        metadata: { name: secret.name, labels: { 'app.kubernetes.io/name': 'grm', 'app.kubernetes.io/component': 'nats-account' } },
        immutable: true,
        stringData: { ...secret.data },
      },
    });
    return true;
  } catch (error) {
    if (error instanceof ApiException && error.code === 409) return false;
    throw error;
  }
}
