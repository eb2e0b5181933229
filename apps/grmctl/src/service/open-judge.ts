import { connectJudge, type JudgeClient } from '@grm/client';
import { GrmError } from '@grm/protocol';
import { asConnectionError } from './open-connection.ts';
import type { ServiceTarget } from './service-address.ts';

/**
 * Connects to a service's judge.
 *
 * @throws {CommandError} as `openConnection` does.
 */
export async function openJudge({ server, ...target }: ServiceTarget, options: { readonly patienceMs: number }): Promise<JudgeClient> {
  try {
    return await connectJudge({ servers: server.split(','), ...target, ...options, connection: { name: 'grmctl', timeout: 5_000 } });
  } catch (error) {
    if (GrmError.isInstance(error)) throw error;
    throw asConnectionError(error, { server, ...target });
  }
}
