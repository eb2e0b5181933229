import { isDeepStrictEqual } from 'node:util';
import { type NatsUser, permissionsOf } from '@grm/protocol';
import { type ClaimsData, decode, type User } from '@nats-io/jwt';
import type { AccountSigner } from './account-signer.ts';
import { authorityKey, credentialsKey } from './user-secret.ts';

/** Why a user is issued anew. */
export type RenewalReason = 'Missing' | 'Unreadable' | 'OtherAccount' | 'PermissionsChanged' | 'AuthorityChanged' | 'Expiring';

/** A user is issued anew when this much of its life is left: time for many tries, and for a Secret to reach every pod. */
const leftShare = 1 / 3;

export interface WantedUser {
  readonly user: NatsUser;
  readonly signer: AccountSigner;
  readonly now: Date;
  /** PEM that is to lie beside the user. */
  readonly authority?: string;
}

/**
 * Why the user in a Secret must be issued anew; undefined while it is good.
 * @param secret as the API server gives it; undefined where there is none
 */
export function renewalReason(secret: { readonly data?: Readonly<Record<string, string>> } | undefined, { user, signer, now, authority }: WantedUser): RenewalReason | undefined {
  if (secret === undefined) return 'Missing';
  const claims = claimsOf(secret.data?.[credentialsKey]);
  if (claims === undefined) return 'Unreadable';
  const { iss, iat, exp, nats } = claims;
  const accountKey = signer.account.getPublicKey();
  if (iss !== signer.key.getPublicKey() || (nats.issuer_account ?? accountKey) !== accountKey) return 'OtherAccount';
  if (!mayTheSame(nats, user)) return 'PermissionsChanged';
  if (textOf(secret.data?.[authorityKey]) !== authority) return 'AuthorityChanged';
  if (exp !== undefined && exp - now.getTime() / 1_000 <= leftShare * (exp - iat)) return 'Expiring';
  return undefined;
}

/** When to look again at a user that is good, seconds from now. */
export function secondsUntilRenewal(secret: { readonly data?: Readonly<Record<string, string>> }, now: Date): number {
  const claims = claimsOf(secret.data?.[credentialsKey]);
  if (claims?.exp === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(0, claims.exp - leftShare * (claims.exp - claims.iat) - now.getTime() / 1_000);
}

/** Claims that the user's issuer has signed. */
function claimsOf(data: string | undefined): ClaimsData<User> | undefined {
  const [jwt] = /[\w-]{20,}\.[\w-]{20,}\.[\w-]{20,}/.exec(Buffer.from(data ?? '', 'base64').toString()) ?? [];
  try {
    return jwt === undefined ? undefined : decode<User>(jwt);
  } catch {
    return undefined;
  }
}

function mayTheSame(claims: Partial<User>, user: NatsUser): boolean {
  const { publish, subscribe, answersForMs } = permissionsOf(user);
  return sameSubjects(claims.pub?.allow, publish) && sameSubjects(claims.sub?.allow, subscribe) && (claims.resp === undefined) === (answersForMs === undefined);
}

function textOf(data: string | undefined): string | undefined {
  return data === undefined ? undefined : Buffer.from(data, 'base64').toString();
}

function sameSubjects(one: readonly string[] | undefined, other: readonly string[]): boolean {
  return isDeepStrictEqual((one ?? []).toSorted(), other.toSorted());
}
