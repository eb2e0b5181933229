import { defaults, subjects } from '@grm/protocol';
import { connect } from '@nats-io/transport-node';
import { NatsJudgeClient } from './nats-judge-client.ts';
import type { JudgeClient } from './judge-client.ts';

export interface ConnectOptions {
  /** URL of a NATS server, or several of one cluster: `nats://127.0.0.1:4222`. */
  readonly servers: string | readonly string[];
  /** Name of the GRMInferenceService. */
  readonly service: string;
  /** Its namespace; `default` when absent. */
  readonly namespace?: string;
  /** Time that a request may take unless it says otherwise, ms; 30 s when absent. */
  readonly timeoutMs?: number;
  /** How long to look for a service that nobody answers for, ms; 10 s when absent. Voters that restart are found again within it. */
  readonly patienceMs?: number;
  /** Credentials and the like, handed to `@nats-io/transport-node` as they are. */
  readonly connection?: Omit<NonNullable<Parameters<typeof connect>[0]>, 'servers'>;
}

/**
 * Connects to the judge of one inference service.
 *
 * ```ts
 * await using judge = await connectJudge({ servers: 'nats://127.0.0.1:4222', service: 'nano' });
 * const verdict = await judge.judge({
 *   conversation: [{ role: 'user', content: 'What is 17 + 25?' }],
 *   responses: ['42', '32'],
 *   sampling: { samples: 8, seed: 7 },
 * });
 * verdict.best; // 0
 * ```
 *
 * The client reconnects by itself for as long as it is open.
 * @throws GrmError `invalid-request` when a name is not valid; a NATS error when no server answers.
 */
export async function connectJudge(options: ConnectOptions): Promise<JudgeClient> {
  const { servers, service, namespace = 'default', timeoutMs = defaults.timeoutMs, patienceMs = 10_000 } = options;
  const names = subjects({ namespace, service });
  const connection = await connect({
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
    reconnectJitter: 200,
    ...options.connection,
    servers: typeof servers === 'string' ? servers : [...servers],
  });
  return new NatsJudgeClient(connection, { subjects: names, timeoutMs, patienceMs });
}
