import { type NatsPermissions, type NatsUser, permissionsOf } from '@grm/protocol';
import { encodeUser, fmtCreds, type User } from '@nats-io/jwt';
import { createUser } from '@nats-io/nkeys';
import type { AccountSigner } from './account-signer.ts';
import { userName } from './user-name.ts';

/** How long a user lives that is not issued anew. Long before its end it is (`renewalReason`), and its connections move over when the old one ends. */
export const userLifetimeSeconds = 30 * 86_400;

export interface IssueUserOptions {
  readonly user: NatsUser;
  readonly signer: AccountSigner;
  readonly now: Date;
  /** Default: `userLifetimeSeconds`. */
  readonly lifetimeSeconds?: number;
}

export interface IssuedUser {
  /** Content of a `.creds` file: the user's JWT and the seed of a key of its own. Secret. */
  readonly credentials: string;
  readonly expiresAt: Date;
}

/**
 * Makes a user that may do what its role does (`permissionsOf`), with a new key.
 * @throws GrmError `invalid-request` when a name is none
 */
export async function issueUser({ user, signer, now, lifetimeSeconds = userLifetimeSeconds }: IssueUserOptions): Promise<IssuedUser> {
  const key = createUser();
  const expiresAt = new Date(now.getTime() + lifetimeSeconds * 1_000);
  const { account, key: signing } = signer;
  const options = { exp: Math.floor(expiresAt.getTime() / 1_000), ...(signing === account ? {} : { signer: signing }) };
  const jwt = await encodeUser(userName(user), key, account, claimsOf(permissionsOf(user)), options);
  return { credentials: new TextDecoder().decode(fmtCreds(jwt, key)), expiresAt };
}

/** Permissions as a user's JWT says them. */
function claimsOf({ publish, subscribe, answersForMs }: NatsPermissions): Partial<User> {
  return {
    pub: { allow: [...publish] },
    sub: { allow: [...subscribe] },
    // As many answers as it likes: signs of life are some. The time is in nanoseconds.
    ...(answersForMs === undefined ? {} : { resp: { max: -1, ttl: answersForMs * 1_000_000 } }),
  };
}
