import type { GRMResource } from '@grm/resources';
import { type Party, metadataOf } from '@grm/workloads';
import type { IssuedUser } from './issue-user.ts';

/** Key of the `.creds` file in a user's Secret; where plans have pods find it. */
export const credentialsKey = 'nats.creds';

/** Key of the authority that signs the NATS servers' certificates, where it is a private one. */
export const authorityKey = 'ca.crt';

export const userSecretType = 'grm.dev/nats-user';

/** Says until when, for people: programs read the user itself. */
const expiryAnnotation = 'grm.dev/nats-user-expires';

/** The part of a Secret (core/v1) that a user needs. */
export interface UserSecret {
  readonly apiVersion: 'v1';
  readonly kind: 'Secret';
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly type: typeof userSecretType;
  /** Renewed in place: pods find the new user in the file that they have mounted. */
  readonly immutable: false;
  /** Base64. */
  readonly data: Readonly<Record<string, string>>;
}

export const userSecretName = (resource: GRMResource, component: Party): string => `${metadataOf(resource, component).name}-nats`;

/**
 * The Secret that the pods of a component, of whichever revision, mount as GRM_NATS_CREDENTIALS: `<component's name>-nats`.
 * @param authority PEM of the servers' authority, so that who has the Secret has all that a connection takes
 */
export function userSecret(resource: GRMResource, component: Party, { credentials, expiresAt }: IssuedUser, authority?: string): UserSecret {
  const { namespace, labels } = metadataOf(resource, component);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: userSecretName(resource, component), namespace, labels, annotations: { [expiryAnnotation]: expiresAt.toISOString() } },
    type: userSecretType,
    immutable: false,
    data: { [credentialsKey]: base64(credentials), ...(authority === undefined ? {} : { [authorityKey]: base64(authority) }) },
  };
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
