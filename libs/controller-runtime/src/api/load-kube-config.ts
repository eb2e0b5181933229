import { KubeConfig } from '@kubernetes/client-node';

/** The kubeconfig of a file, else that of the pod's ServiceAccount, else the user's own. */
export function loadKubeConfig(file?: string): KubeConfig {
  const config = new KubeConfig();
  if (file === undefined) config.loadFromDefault();
  else config.loadFromFile(file);
  return config;
}
