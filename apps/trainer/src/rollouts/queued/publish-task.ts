import { setTimeout as sleep } from 'node:timers/promises';
import { withTrace } from '@grm/service-kit';
import type { JetStreamClient } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';

/** One attempt, ms. */
const timeoutMs = 2_000;
const pauseMs = { first: 50, longest: 1_000 } as const;

export interface Publishing {
  readonly subject: string;
  readonly payload: string;
  /** JetStream drops a second message with the same id, so a publish whose acknowledgement was lost may be repeated. */
  readonly messageId: string;
  /** Its reason is thrown. Whoever gives it decides how long a queue that is full, or does not answer, is waited for. */
  readonly signal: AbortSignal;
}

/** Puts a task into the queue. @returns its place in the stream. @throws the signal's reason; what no repetition can mend */
export async function publishTask(jetstream: JetStreamClient, { subject, payload, messageId, signal }: Publishing): Promise<number> {
  for (let attempt = 0; ; attempt++) {
    signal.throwIfAborted();
    try {
      return (await jetstream.publish(subject, payload, { msgID: messageId, timeout: timeoutMs, headers: withTrace() })).seq;
    } catch (error) {
      if (!isPassing(error)) throw error;
      await sleep(Math.min(pauseMs.longest, pauseMs.first * 2 ** attempt), undefined, { signal }).catch(() => {});
    }
  }
}

/** A full queue, a server that restarts, a connection that is away: all but a connection closed for good, and what the client itself refuses. */
function isPassing(error: unknown): boolean {
  return ![errors.ClosedConnectionError, errors.DrainingConnectionError, errors.InvalidArgumentError].some((lasting) => error instanceof lasting);
}
