import { readFileSync } from 'node:fs';
import { type Credentials, CredentialsError, parseCredentials } from '@grm/protocol';
import { type Authenticator, credsAuthenticator, nkeyAuthenticator } from '@nats-io/transport-node';

export interface Authentication {
  readonly authenticator: Authenticator;
  readonly inboxPrefix: string | undefined;
}

/**
 * Authenticates by what a file holds at the time. A file that is being replaced, and cannot be read just now, counts as it was: a client that is
 * not given anything to authenticate with would close for good.
 * @throws CredentialsError when it cannot be used at the beginning
 */
export function authenticationOf(file: string): Authentication {
  let latest = read(file);
  const authenticator: Authenticator = (nonce) => {
    try {
      latest = read(file);
    } catch (error) {
      if (!(error instanceof CredentialsError)) throw error;
    }
    const { text, credentials } = latest;
    const bytes = (content: string): Uint8Array => new TextEncoder().encode(content);
    // The client wants the last line of a .creds file ended, and a seed without an end.
    return credentials.kind === 'user' ? credsAuthenticator(bytes(`${text}\n`))(nonce) : nkeyAuthenticator(bytes(text))(nonce);
  };
  return { authenticator, inboxPrefix: latest.credentials.kind === 'user' ? latest.credentials.inboxPrefix : undefined };
}

function read(file: string): { readonly text: string; readonly credentials: Credentials } {
  let text: string;
  try {
    // The client asks for them synchronously, while it connects.
    text = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new CredentialsError(file, `cannot be read (${cause instanceof Error ? cause.message : String(cause)})`, { cause });
  }
  return { text, credentials: parseCredentials(text, file) };
}
