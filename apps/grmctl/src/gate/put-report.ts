import { setTimeout as delay } from 'node:timers/promises';
import type { GateReport } from '@grm/protocol';
import { putGateReport } from '@grm/service-kit';
import type { NatsConnection } from '@nats-io/transport-node';
import { CommandError } from '../command-error.ts';

const PAUSE_MS = 500;

/**
 * Writes what a gate found, which took its time: a server that is away for a moment is waited for, until the deadline (epoch ms).
 * @throws {CommandError} `unreachable`
 */
export async function putReport(connection: NatsConnection, address: Parameters<typeof putGateReport>[1], report: GateReport, { deadline, signal }: { readonly deadline: number; readonly signal: AbortSignal }): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await putGateReport(connection, address, report);
    } catch (error) {
      if (Date.now() + PAUSE_MS < deadline) {
        await delay(PAUSE_MS, undefined, { signal });
        continue;
      }
      const reason = error instanceof Error ? error.message : String(error);
      throw new CommandError('unreachable', `what the gate found could not be written to NATS: ${reason}. Its bucket is made with the queue of revision ${address.revision}; is that there?`, { cause: error });
    }
  }
}
