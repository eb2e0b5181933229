import { CredentialsError } from '@grm/protocol';
import { connectNats, explainNatsError, NatsRefusedError } from '@grm/service-kit';
import type { NatsConnection } from '@nats-io/transport-node';
import { CommandError } from '../command-error.ts';
import type { NatsTarget } from './nats-target.ts';

/** @throws {CommandError} `unreachable` when no NATS server answers or none knows the user; `usage` when the credentials cannot be read. */
export async function openConnection({ server, ...target }: NatsTarget): Promise<NatsConnection> {
  try {
    return await connectNats({ servers: server.split(','), name: 'grmctl', timeoutMs: 0, ...target });
  } catch (error) {
    throw asConnectionError(error, { server, ...target });
  }
}

/** Why a NATS server cannot be used, for whoever typed the command. */
export function asConnectionError(raw: unknown, { server, credentials }: NatsTarget): CommandError {
  const error = raw instanceof Error ? explainNatsError(raw, { server, credentials }) : raw;
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof CredentialsError) return new CommandError('usage', reason, { cause: error });
  if (error instanceof NatsRefusedError) return new CommandError('unreachable', `${reason}; or name another one with --creds`, { cause: error });
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : reason;
  return new CommandError('unreachable', `no NATS server answers at ${server} (${cause}); check --server, or start one with \`grmctl local up\``, { cause: error });
}
