import type { Volume, VolumeMount } from './kubernetes-objects.ts';
import type { Site } from './site.ts';

/** Files by which a pod reaches NATS, and the variables that name them. */
export interface NatsFiles {
  readonly variables: Readonly<Record<string, string>>;
  readonly mounted: readonly { readonly volume: Volume; readonly mount: Omit<VolumeMount, 'name'> }[];
}

const FOLDER = '/etc/nats';

/** @param userSecret Secret of the component's own user */
export function natsFiles({ nats }: Site, userSecret: string): NatsFiles {
  const { credentials, authority, caConfigMap, clientCertificateSecret } = nats ?? { credentials: false };
  const at = (folder: string): Omit<VolumeMount, 'name'> => ({ mountPath: `${FOLDER}/${folder}`, readOnly: true });
  const files: (NatsFiles | undefined)[] = [
    credentials
      ? {
          variables: { GRM_NATS_CREDENTIALS: `${FOLDER}/user/nats.creds`, ...(authority === true && caConfigMap === undefined ? { GRM_NATS_CA: `${FOLDER}/user/ca.crt` } : {}) },
          mounted: [{ volume: { name: 'nats-user', secret: { secretName: userSecret } }, mount: at('user') }],
        }
      : undefined,
    caConfigMap === undefined ? undefined : { variables: { GRM_NATS_CA: `${FOLDER}/ca/ca.crt` }, mounted: [{ volume: { name: 'nats-ca', configMap: { name: caConfigMap } }, mount: at('ca') }] },
    clientCertificateSecret === undefined
      ? undefined
      : {
          variables: { GRM_NATS_CERTIFICATE: `${FOLDER}/certificate/tls.crt`, GRM_NATS_KEY: `${FOLDER}/certificate/tls.key` },
          mounted: [{ volume: { name: 'nats-certificate', secret: { secretName: clientCertificateSecret } }, mount: at('certificate') }],
        },
  ];
  const there = files.filter((one) => one !== undefined);
  return { variables: Object.assign({}, ...there.map(({ variables }) => variables)), mounted: there.flatMap(({ mounted }) => mounted) };
}
