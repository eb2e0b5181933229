/** How a user proves who it is. */
export type Credentials = { readonly token: string } | { readonly key: string; readonly certificate: string };

export interface KubeconfigFacts {
  /** `https://127.0.0.1:port`. */
  readonly server: string;
  /** PEM. */
  readonly certificateAuthority: string;
  readonly credentials: Credentials;
  readonly namespace?: string;
}

/** Text of a kubeconfig file that holds all it needs. JSON, which is YAML. */
export function kubeconfigText({ server, certificateAuthority, credentials, namespace }: KubeconfigFacts): string {
  const user =
    'token' in credentials
      ? { token: credentials.token }
      : { 'client-certificate-data': base64(credentials.certificate), 'client-key-data': base64(credentials.key) };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': base64(certificateAuthority) } }],
    users: [{ name: 'test', user }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', ...(namespace === undefined ? {} : { namespace }) } }],
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
