import { encodeAccount, encodeOperator, encodeUser, fmtCreds } from '@nats-io/jwt';
import { createAccount, createOperator, createUser } from '@nats-io/nkeys';

/** A NATS account of one's own, as a server and the operator of this project need it. */
export interface NatsAccount {
  /** Part of a server's configuration: who signed its accounts, and which there are. */
  readonly resolver: string;
  /** `.creds` file of a user who may do everything in the account. */
  readonly operatorCredentials: string;
  /** Signs users of the account. */
  readonly accountSeed: string;
}

/**
 * Makes an operator, a system account (JetStream asks for one) and an account without limits but the server's own. The operator's key is
 * thrown away: nobody can sign a further account, or change this one.
 */
export async function newNatsAccount(): Promise<NatsAccount> {
  const [operator, system, account, user] = [createOperator(), createAccount(), createAccount(), createUser()];
  const unlimited = { conn: -1, leaf: 0, imports: 0, exports: 0, subs: -1, data: -1, payload: -1 };
  const storage = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
  const [operatorToken, systemToken, accountToken, userToken] = await Promise.all([
    encodeOperator('grm', operator, { system_account: system.getPublicKey() }),
    encodeAccount('SYS', system, {}, { signer: operator }),
    encodeAccount('GRM', account, { limits: { ...unlimited, ...storage } }, { signer: operator }),
    encodeUser('grm-operator', user, account),
  ]);
  return {
    resolver: [
      `operator: ${operatorToken}`,
      `system_account: ${system.getPublicKey()}`,
      'resolver: MEMORY',
      'resolver_preload {',
      `  ${system.getPublicKey()}: ${systemToken}`,
      `  ${account.getPublicKey()}: ${accountToken}`,
      '}',
      '',
    ].join('\n'),
    operatorCredentials: textOf(fmtCreds(userToken, user)),
    accountSeed: textOf(account.getSeed()),
  };
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
