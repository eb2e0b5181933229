import type { GRMResource } from '@grm/resources';
import type { AccountSigner } from './account-signer.ts';
import type { ComponentUser } from './component-user.ts';
import { issueUser } from './issue-user.ts';
import { type RenewalReason, renewalReason } from './renewal-reason.ts';
import { type UserSecret, userSecret } from './user-secret.ts';

export interface RenewedSecret {
  /** To be applied in the place of the one that is there. */
  readonly secret: UserSecret;
  readonly reason: RenewalReason;
}

export interface RenewedSecretOptions {
  readonly resource: GRMResource;
  readonly wanted: ComponentUser;
  /** As the API server gives it; undefined where there is none. */
  readonly live: { readonly data?: Readonly<Record<string, string>> } | undefined;
  readonly signer: AccountSigner;
  readonly now: Date;
  /** PEM of the servers' authority. */
  readonly authority?: string;
}

/** The Secret of a component with a new user, where the one that is there will not do; undefined where it does. */
export async function renewedSecret({ resource, wanted: { component, user }, live, signer, now, authority }: RenewedSecretOptions): Promise<RenewedSecret | undefined> {
  const reason = renewalReason(live, { user, signer, now, ...(authority === undefined ? {} : { authority }) });
  if (reason === undefined) return undefined;
  return { reason, secret: userSecret(resource, component, await issueUser({ user, signer, now }), authority) };
}
