import { errors, type NatsConnection } from '@nats-io/transport-node';

/** The slowest answer that is waited for, and the pause after an answer in which another one is expected, ms. */
const waitMs = { longest: 1_000, between: 100 } as const;

/** Samplers that say that they live. */
export async function countSamplers(connection: NatsConnection, presence: string): Promise<number> {
  let count = 0;
  try {
    for await (const _ of await connection.requestMany(presence, '', { strategy: 'stall', maxWait: waitMs.longest, stall: waitMs.between })) count++;
  } catch (error) {
    if (connection.isClosed() || !(error instanceof errors.RequestError || error instanceof errors.NoRespondersError || error instanceof errors.TimeoutError)) throw error;
  }
  return count;
}
