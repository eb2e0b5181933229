import { describe, expect, it } from 'vitest';
import { CredentialsError } from './credentials-error.ts';
import { parseCredentials } from './parse-credentials.ts';

const seed = `SU${'A'.repeat(56)}`;
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const creds = (claims: unknown): string => `-----BEGIN NATS USER JWT-----
${part({ typ: 'JWT', alg: 'ed25519-nkey' })}.${part(claims)}.c2ln
------END NATS USER JWT------

************************* IMPORTANT *************************
-----BEGIN USER NKEY SEED-----
${seed}
------END USER NKEY SEED------
`;

describe('NATS credentials', () => {
  it('of a .creds file say where the user is answered, and until when it lives', () => {
    const claims = { exp: 1_900_000_000, nats: { type: 'user', sub: { allow: ['grm.cancel.a.b', '_INBOX_sampler.a.b.>'] } } };
    expect(parseCredentials(creds(claims), 'a.creds')).toEqual({ kind: 'user', inboxPrefix: '_INBOX_sampler.a.b', expiresAt: 1_900_000_000 });
    expect(parseCredentials(creds({ nats: { type: 'user' } }), 'a.creds')).toEqual({ kind: 'user', inboxPrefix: undefined, expiresAt: undefined });
  });

  it('may be an nkey seed alone', () => {
    expect(parseCredentials(`${seed}\n`, 'a.nk')).toEqual({ kind: 'nkey' });
  });

  it.each([
    ['nothing', ''],
    ['an account seed', `SA${'A'.repeat(56)}`],
    ['no JWT of a user', creds({ nats: { type: 'account' } })],
    ['a JWT that is none', `-----BEGIN NATS USER JWT-----\nx.y.z\n------END NATS USER JWT------\n${seed}\n`],
  ])('that hold %s are refused, by the name of the file and without what is in it', (_, text) => {
    expect(() => parseCredentials(text, '/etc/grm/user.creds')).toThrow(CredentialsError);
    expect(() => parseCredentials(text, '/etc/grm/user.creds')).toThrow('NATS credentials /etc/grm/user.creds: ');
    expect(() => parseCredentials(text, '/etc/grm/user.creds')).not.toThrow(seed.slice(2));
  });
});
