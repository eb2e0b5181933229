import { errorCodes, GrmError, headerNames, parsePayload, type RunProgress, runSubjects, Suspension, timerDelay } from '@grm/protocol';
import { headers as createHeaders, type Msg, type NatsConnection } from '@nats-io/transport-node';
import type { ProgressSink } from '../progress/run-event.ts';

export interface SuspendRequestsOptions {
  readonly connection: NatsConnection;
  readonly namespace: string;
  readonly run: string;
  /** Called with each request: the run is to finish its step, save, and end. */
  readonly suspend: () => void;
}

/**
 * Suspends the run when somebody asks on its subject. It is a sink, since the answer is the progress that the run ends with:
 * closing it answers whoever waits.
 */
export function suspendRequests({ connection, namespace, run, suspend }: SuspendRequestsOptions): ProgressSink {
  let newest: RunProgress | undefined;
  const waiting = new Map<Msg, NodeJS.Timeout>();

  const late = (message: Msg, waitMs: number): void => {
    waiting.delete(message);
    const seconds = Math.round(waitMs / 1000);
    refuse(message, new GrmError('deadline-exceeded', `run ${run} was asked to suspend ${seconds} s ago and has not come to the end of its step yet; it will, so watch it`));
  };
  const subscription = connection.subscribe(runSubjects({ namespace, run }).suspend, {
    callback: (error, message) => {
      if (error !== null) return;
      try {
        const { waitMs } = parsePayload(Suspension, message.data, 'Suspension');
        waiting.set(message, setTimeout(() => late(message, waitMs), timerDelay(waitMs)));
        suspend();
      } catch (cause) {
        refuse(message, GrmError.from(cause));
      }
    },
  });
  return {
    accept: (_, progress) => {
      newest = progress;
    },
    refresh: (progress) => {
      newest = progress;
    },
    [Symbol.asyncDispose]: () => {
      subscription.unsubscribe();
      for (const [message, timer] of waiting) {
        clearTimeout(timer);
        message.respond(JSON.stringify(newest));
      }
      return Promise.resolve();
    },
  };
}

function refuse(message: Msg, error: GrmError): void {
  const headers = createHeaders();
  headers.set(headerNames.serviceError, error.code);
  headers.set(headerNames.serviceErrorCode, String(errorCodes[error.code].status));
  message.respond(JSON.stringify(error.toBody()), { headers });
}
