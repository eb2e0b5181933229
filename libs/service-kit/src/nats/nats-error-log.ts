import type { Log } from '../telemetry/log.ts';

/** What a connection reports, as every process says it. */
export function natsErrorLog(log: Log): (error: Error) => void {
  return (error) => log.error({ err: error }, `NATS reported an error: ${error.message}`);
}
