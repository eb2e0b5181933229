import { ErrorBody, GrmError, headerNames, parsePayload } from '@grm/protocol';
import type { Msg } from '@nats-io/transport-node';
import type { ConnectionState } from './connection-state.ts';
import { DeadlineExceededError, InternalServiceError, ServiceNotFoundError, typedError } from './judge-errors.ts';
import type { Replies } from './reply-inbox.ts';

/** A voter that has the request says so this often, ms. */
export const heartbeatMs = 1_000;
/** A voter that has missed this many signs of life is taken for dead. */
const silenceMs = 3 * heartbeatMs;
const pauseMs = { first: 50, longest: 2_000 } as const;

export interface Exchange {
  readonly replies: Replies;
  readonly state: ConnectionState;
  readonly subject: string;
  /** What the reply is called in messages: `verdict`. */
  readonly noun: string;
  /** Epoch ms. */
  readonly deadline: number;
  /** How long to look for a service that is not there. */
  readonly patienceMs: number;
  readonly maxAttempts: number;
  readonly signal?: AbortSignal;
  readonly send: () => void;
}

type Outcome =
  | { readonly kind: 'answer'; readonly payload: Uint8Array }
  | { readonly kind: 'failure'; readonly failure: GrmError }
  | { readonly kind: 'alive' | 'silence' };

/** Sends a request until an answer comes that sending it again cannot change. @returns the payload of the answer. */
export async function exchange(request: Exchange): Promise<Uint8Array> {
  let missingSince: number | undefined;
  for (let attempt = 1; ; attempt++) {
    await request.state.whenUp(request.deadline - Date.now(), request.signal);
    const outcome = await attemptOnce(request);
    if (outcome.kind === 'answer') return outcome.payload;
    const failure = outcome.kind === 'failure' ? outcome.failure : undefined;
    missingSince = failure instanceof ServiceNotFoundError ? (missingSince ?? Date.now()) : undefined;
    const pause = failure === undefined ? 0 : pauseAfter(attempt);
    const outOfTime = Date.now() + pause >= request.deadline || attempt >= request.maxAttempts;
    const outOfPatience = missingSince !== undefined && Date.now() - missingSince >= request.patienceMs;
    const final = failure !== undefined && !failure.retryable;
    if (outOfTime || outOfPatience || final) throw failure ?? late(request, attempt);
    // An earlier attempt may still be answered meanwhile.
    const early = await nextOutcome(request, pause);
    if (early.kind === 'answer') return early.payload;
  }
}

function pauseAfter(attempt: number): number {
  return Math.min(pauseMs.longest, pauseMs.first * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
}

/** One request: its answer, or silence when whoever had it fell silent or the deadline passed. */
async function attemptOnce(request: Exchange): Promise<Outcome> {
  if (request.state.isUp) request.send();
  while (true) {
    const outcome = await nextOutcome(request, silenceMs);
    if (outcome.kind !== 'alive') return outcome;
  }
}

async function nextOutcome(request: Exchange, milliseconds: number): Promise<Outcome> {
  const message = await request.replies.next(Math.min(milliseconds, request.deadline - Date.now()), request.signal);
  return message === undefined ? { kind: 'silence' } : read(message, request.subject);
}

function read(message: Msg, subject: string): Outcome {
  const { headers, data } = message;
  if (headers?.has(headerNames.heartbeat)) return { kind: 'alive' };
  // NATS answers with this status when nobody subscribes to the subject.
  if (headers?.code === 503 && data.length === 0) return { kind: 'failure', failure: new ServiceNotFoundError(subject) };
  if (headers?.has(headerNames.serviceErrorCode)) return { kind: 'failure', failure: readError(message) };
  return { kind: 'answer', payload: data };
}

function readError({ data, headers }: Msg): GrmError {
  try {
    return typedError(GrmError.fromBody(parsePayload(ErrorBody, data, 'ErrorBody')));
  } catch (cause) {
    return new InternalServiceError(`The service answered with an error without a body: ${headers?.get(headerNames.serviceError)}`, { cause });
  }
}

function late({ subject, state, noun }: Exchange, attempts: number): DeadlineExceededError {
  const why = state.isUp ? `no ${noun} came on ${subject}` : 'the connection to NATS is down';
  return new DeadlineExceededError(`The time allowed has passed: ${why}, asked ${attempts} ${attempts === 1 ? 'time' : 'times'}`);
}
