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
  return {
    server: await findServer(options, terminal),
    ...(credentials === undefined ? {} : { credentials: resolve(terminal.folder, credentials) }),
    ...(certificateAuthority === undefined ? {} : { certificateAuthority: resolve(terminal.folder, certificateAuthority) }),
  };
}

function set({ environment }: Terminal, variable: string): string | undefined {
  const value = environment[variable];
  return value === '' ? undefined : value;
}
