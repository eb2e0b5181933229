import { readFileSync } from 'node:fs';
import { CredentialsError, parseCredentials } from '@grm/protocol';
import { type ConnectionOptions, credsAuthenticator, nkeyAuthenticator } from '@nats-io/transport-node';

/**
 * Connects as the user of a file, a `.creds` file or an nkey seed, and is answered where that user may be. The file is read again at each
 * reconnect; while it is being replaced it counts as it was.
 * @throws CredentialsError
 */
export function authentication(file: string): Pick<ConnectionOptions, 'authenticator' | 'inboxPrefix' | 'ignoreAuthErrorAbort'> {
  let text = read(file);
  const credentials = parseCredentials(text, file);
  const latest = (): Uint8Array => {
    try {
      text = read(file);
    } catch (error) {
      if (!(error instanceof CredentialsError)) throw error;
    }
    // The client wants the last line of a .creds file ended, and a seed without an end.
    return new TextEncoder().encode(credentials.kind === 'user' ? `${text}\n` : text);
  };
  const authenticator = credentials.kind === 'user' ? credsAuthenticator(latest) : nkeyAuthenticator(latest);
  const inboxPrefix = credentials.kind === 'user' ? credentials.inboxPrefix : undefined;
  return { authenticator, ignoreAuthErrorAbort: true, ...(inboxPrefix === undefined ? {} : { inboxPrefix }) };
}

function read(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new CredentialsError(file, `cannot be read (${cause instanceof Error ? cause.message : String(cause)})`, { cause });
  }
  parseCredentials(text, file);
  return text;
}
