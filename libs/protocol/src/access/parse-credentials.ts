import { z } from 'zod';
import { CredentialsError } from './credentials-error.ts';

/** `user`: a `.creds` file, a user's JWT and seed. `nkey`: the seed of a user that the server's configuration names. */
export type Credentials =
  | {
      readonly kind: 'user';
      /** Of the inboxes that the user may subscribe to; undefined where it is not limited to any. */
      readonly inboxPrefix: string | undefined;
      /** Epoch seconds; undefined: never. */
      readonly expiresAt: number | undefined;
    }
  | { readonly kind: 'nkey' };

const claims = z.object({
  exp: z.number().exactOptional(),
  nats: z.object({ type: z.literal('user'), sub: z.object({ allow: z.array(z.string()).exactOptional() }).exactOptional() }),
});

const jwt = /-----BEGIN NATS USER JWT-----\s*([\w-]+)\.([\w-]+)\.([\w-]+)\s*-+END NATS USER JWT-+/;
const seed = /(?:^|\s)SU[A-Z2-7]{56}(?:\s|$)/;

/**
 * What a file of credentials is, and where its user hears answers.
 * @throws CredentialsError
 */
export function parseCredentials(text: string, file: string): Credentials {
  if (!seed.test(text)) throw new CredentialsError(file, `holds no user's seed; expected a .creds file (a user's JWT and seed) or an nkey seed that begins with "SU"`);
  if (!text.includes('NATS USER JWT')) return { kind: 'nkey' };
  const [, , payload] = jwt.exec(text) ?? [];
  const user = payload === undefined ? undefined : claimsOf(payload);
  if (user === undefined) throw new CredentialsError(file, "its JWT cannot be read, or is not a user's; have the .creds file made again");
  const allowed = user.nats.sub?.allow ?? [];
  const inbox = allowed.find((subject) => subject.startsWith('_INBOX') && subject.endsWith('.>'));
  return { kind: 'user', inboxPrefix: inbox?.slice(0, -'.>'.length), expiresAt: user.exp };
}

function claimsOf(payload: string): z.infer<typeof claims> | undefined {
  try {
    const parsed = claims.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
