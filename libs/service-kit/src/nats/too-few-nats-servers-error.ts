import { JetStreamApiError } from '@nats-io/jetstream';

/** JetStream's own words for it: no cluster at all, no peers with room for a copy, more copies than it allows. */
const codes: ReadonlySet<number> = new Set([10_074, 10_005, 10_133]);

/** NATS has no place for as many copies of a stream as are asked for. */
export class TooFewNatsServersError extends Error {
  override readonly name = 'TooFewNatsServersError';
  readonly stream: string;
  readonly replicas: number;

  constructor(stream: string, replicas: number, options: { readonly cause: Error }) {
    super(
      `NATS does not keep ${replicas} copies of the stream ${stream} (${options.cause.message}): it needs as many servers with JetStream that answer and have room. ` +
        'Bring them back or add some, or ask for fewer (nats.replicas of the chart, GRM_NATS_REPLICAS)',
      options,
    );
    this.stream = stream;
    this.replicas = replicas;
  }
}

/** The error as it is, unless it says that there are too few servers for so many copies. */
export function explainReplicas(error: unknown, stream: string, replicas: number | undefined): unknown {
  const few = replicas !== undefined && replicas > 1 && error instanceof JetStreamApiError && codes.has(error.code);
  return few ? new TooFewNatsServersError(stream, replicas, { cause: error }) : error;
}
