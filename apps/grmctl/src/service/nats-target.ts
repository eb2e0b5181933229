import { resolve } from 'node:path';
import type { Terminal } from '../terminal/terminal.ts';
import { findServer, type ServerOptions } from './find-server.ts';

/** Which NATS server, and as whom. */
export interface NatsTarget {
  /** URL, or several separated by commas. */
  readonly server: string;
  /** File of one's user. */
  readonly credentials?: string;
  /** PEM file. */
  readonly certificateAuthority?: string;
  /** PEM files of one's own certificate and its key, where the server asks for one. */
  readonly clientCertificate?: { readonly certificate: string; readonly key: string };
}

/** The options by which a command names a NATS server and a user. */
export interface NatsTargetOptions extends ServerOptions {
  readonly creds?: string;
  readonly ca?: string;
}

/** What the options say, else the environment, as services read it. */
export async function natsTarget(options: NatsTargetOptions, terminal: Terminal): Promise<NatsTarget> {
  const credentials = options.creds ?? set(terminal, 'GRM_NATS_CREDENTIALS');
  const certificateAuthority = options.ca ?? set(terminal, 'GRM_NATS_CA');
  const [certificate, key] = [set(terminal, 'GRM_NATS_CERTIFICATE'), set(terminal, 'GRM_NATS_KEY')];
  return {
    server: await findServer(options, terminal),
    ...(credentials === undefined ? {} : { credentials: resolve(terminal.folder, credentials) }),
    ...(certificateAuthority === undefined ? {} : { certificateAuthority: resolve(terminal.folder, certificateAuthority) }),
    ...(certificate === undefined || key === undefined ? {} : { clientCertificate: { certificate: resolve(terminal.folder, certificate), key: resolve(terminal.folder, key) } }),
  };
}

function set({ environment }: Terminal, variable: string): string | undefined {
  const value = environment[variable];
  return value === '' ? undefined : value;
}
