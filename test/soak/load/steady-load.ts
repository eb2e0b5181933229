import { setTimeout as pause } from 'node:timers/promises';
import type { JudgeClient } from '@grm/client';
import type { CallBook } from './call-book.ts';
import type { SteadyRequest } from './steady-requests.ts';

export interface SteadyLoadOptions {
  /** Take turns. */
  readonly clients: readonly JudgeClient[];
  readonly book: CallBook;
  readonly requests: Iterable<SteadyRequest>;
  /** Of each request, everything included. */
  readonly timeoutMs: number;
  /** Requests under way at once, at most: more than the rate and the timeout can come to, so it only bounds what a fault of the soak itself may do. */
  readonly underWayAtMost: number;
  readonly signal: AbortSignal;
}

/**
 * Open loop: requests go out when they are due, whether or not earlier ones have been answered, as those of independent users do. A service that stalls gets no
 * less to do. Returns when the signal aborts; calls may still be under way.
 */
export async function steadyLoad({ clients, book, requests, timeoutMs, underWayAtMost, signal }: SteadyLoadOptions): Promise<void> {
  const [first] = clients;
  if (first === undefined) throw new RangeError('a steady load needs a client');
  const rest = (milliseconds: number) => pause(Math.max(0, milliseconds), undefined, { signal }).catch(() => undefined);
  const repeats: Promise<void>[] = [];
  let due = performance.now();
  let number = 0;
  for (const { id, request, afterMs, repeatAfterMs } of requests) {
    due += afterMs;
    await rest(due - performance.now());
    while (book.underWay >= underWayAtMost && !signal.aborted) await rest(50);
    if (signal.aborted) break;
    const client = clients[number++ % clients.length] ?? first;
    void book.ask(client, { id, request, purpose: 'load', timeoutMs });
    if (repeatAfterMs === undefined) continue;
    const other = clients[number % clients.length] ?? first;
    const again = async () => {
      await rest(repeatAfterMs);
      if (!signal.aborted) void book.ask(other, { id, request, purpose: 'repeat', timeoutMs });
    };
    repeats.push(again());
  }
  await Promise.all(repeats);
}
