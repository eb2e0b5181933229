import { fromPublic, fromSeed, type KeyPair } from '@nats-io/nkeys';

/** Signs users of one NATS account. */
export interface AccountSigner {
  /** The account (A...). */
  readonly account: KeyPair;
  /** The account's own key, or one that the account names as a signing key. */
  readonly key: KeyPair;
}

/** A seed that signs no users. Never says what it is. */
export class AccountSeedError extends Error {
  override readonly name = 'AccountSeedError';
}

/**
 * @param seed of the account or of one of its signing keys (SA...)
 * @param account public key (A...) of the account; needed where the seed is that of a signing key
 * @param source where the seed was read, for errors
 * @throws AccountSeedError
 */
export function accountSigner(seed: string, source: string, account?: string): AccountSigner {
  const key = keyOf(() => fromSeed(new TextEncoder().encode(seed.trim())));
  if (key === undefined) throw new AccountSeedError(`${source}: holds no seed of a NATS account; expected one line that begins with "SA"`);
  if (account === undefined) return { account: key, key };
  const named = keyOf(() => fromPublic(account.trim()));
  if (named === undefined) throw new AccountSeedError(`${source}: ${JSON.stringify(account)} is no NATS account's public key; expected one that begins with "A"`);
  return { account: named, key };
}

function keyOf(read: () => KeyPair): KeyPair | undefined {
  try {
    const key = read();
    return key.getPublicKey().startsWith('A') ? key : undefined;
  } catch {
    return undefined;
  }
}
