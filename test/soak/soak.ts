import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { connectJudge, type JudgeClient, type JudgeRequest } from '@grm/client';
import { waitUntil } from '@grm/controller-runtime/testing';
import { seededRandom } from '@grm/preferences';
import { subjects } from '@grm/protocol';
import { closingState } from './closing-state.ts';
import type { FaultKind } from './faults/fault.ts';
import { planBouts } from './faults/plan-bouts.ts';
import { strikeFaults } from './faults/strike-faults.ts';
import type { Ground } from './ground/ground.ts';
import type { SoakHistory, StruckFault } from './history.ts';
import { CallBook } from './load/call-book.ts';
import { type Onlooker, startOnlooker } from './load/onlooker.ts';
import { steadyLoad } from './load/steady-load.ts';
import { type SteadyRequest, steadyRequests } from './load/steady-requests.ts';
import { type SoakClock, startClock } from './soak-clock.ts';

export interface SoakOptions {
  readonly ground: Ground;
  readonly durationMs: number;
  /** Requests a second, on average. */
  readonly rate: number;
  readonly seed: number;
  /** Time that a request may take. */
  readonly timeoutMs: number;
  readonly quietMs: readonly [least: number, most: number];
  /** Faults at once, at most. */
  readonly atOnce: number;
  readonly healWithinMs: number;
  /** Verdicts that are asked for again when nothing disturbs any more, at most. */
  readonly replays: number;
  /** @param burst a client of its own for faults that ask themselves */
  readonly faults: (burst: { readonly client: JudgeClient; readonly book: CallBook; readonly timeoutMs: number }) => readonly FaultKind[];
  readonly log: (line: string) => void;
  readonly progress?: (state: SoakProgress) => void;
  /** Ends the soak early; what happened until then is checked all the same. */
  readonly signal: AbortSignal;
}

export interface SoakProgress {
  readonly now: number;
  readonly asked: number;
  readonly answered: number;
  readonly errors: number;
  readonly faults: number;
}

const clientsOfTheLoad = 2;
const progressEveryMs = 500;

/** Steady load, faults on top of it, and then, in quiet, the same questions again. @returns what happened, for the checker */
export async function soak(options: SoakOptions): Promise<SoakHistory> {
  const { ground, durationMs, signal, log } = options;
  await using stack = new AsyncDisposableStack();
  const clock = startClock();
  const book = new CallBook(clock);
  const names = subjects(ground.address);
  const onlooker = stack.use(await startOnlooker(ground, names, clock));
  const team = await ground.team();
  const clients = await Promise.all(Array.from({ length: clientsOfTheLoad + 1 }, async () => stack.use(await connectJudge(team))));
  const [burst, ...loaders] = clients;
  if (burst === undefined) throw new RangeError('a soak needs a client');
  await waitUntil(async () => (await ground.unsettled()) === undefined, { what: 'the service to run as it should', withinMs: 60_000 });

  const faults: StruckFault[] = [];
  const asked = new Map<string, SteadyRequest>();
  const over = AbortSignal.any([signal, AbortSignal.timeout(durationMs)]);
  const showing = showProgress(options, { clock, book, faults });
  const kinds = options.faults({ client: burst, book, timeoutMs: options.timeoutMs });
  const healed = new AbortController();
  const striking = strikeFaults({
    bouts: planBouts({ ...options, names: kinds.map(({ name }) => name) }),
    kinds: new Map(kinds.map((kind) => [kind.name, kind])),
    clock,
    healWithinMs: options.healWithinMs,
    struck: (fault) => faults.push(fault),
    log,
    signal: over,
  });
  try {
    // Without load a fault would heal unseen: it goes on until the last one has.
    await Promise.all([
      striking.then(() => timeUp(over)).finally(() => healed.abort()),
      steadyLoad({ clients: loaders, book, requests: noted(options, asked), timeoutMs: options.timeoutMs, underWayAtMost: underWayAtMost(options), signal: healed.signal }),
    ]);
  } finally {
    clearInterval(showing);
  }
  await book.settled();
  return await afterwards({ options, clock, book, faults, asked, onlooker, client: burst });
}

async function timeUp(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

/** Twice what would be under way if each request took all its time. */
function underWayAtMost({ rate, timeoutMs }: SoakOptions): number {
  return Math.ceil((2 * rate * timeoutMs) / 1000) + 1;
}

function* noted(options: SoakOptions, asked: Map<string, SteadyRequest>): Generator<SteadyRequest> {
  for (const request of steadyRequests(options)) {
    asked.set(request.id, request);
    yield request;
  }
}

interface Aftermath {
  readonly options: SoakOptions;
  readonly clock: SoakClock;
  readonly book: CallBook;
  readonly faults: readonly StruckFault[];
  readonly asked: ReadonlyMap<string, SteadyRequest>;
  readonly onlooker: Onlooker;
  readonly client: JudgeClient;
}

async function afterwards({ options, clock, book, faults, asked, onlooker, client }: Aftermath): Promise<SoakHistory> {
  const { ground, seed, replays, timeoutMs, log } = options;
  const answered = [...new Set(book.calls.flatMap(({ request, purpose, end }) => (purpose === 'load' && end?.outcome.kind === 'verdict' ? [request] : [])))];
  const chosen = seededRandom(seed).shuffle(answered).slice(0, replays);
  log(`asking ${chosen.length} of ${answered.length} questions again, in quiet`);
  for (const id of chosen) {
    const request: JudgeRequest | undefined = asked.get(id)?.request;
    // Under another id: a voter remembers the answers that it gave.
    if (request !== undefined) await book.ask(client, { id: `${id}-again`, request, purpose: 'replay', timeoutMs });
  }
  const names = subjects(ground.address);
  const closing = await closingState(onlooker.connection, names);
  // The onlooker may hear an answer after its addressee.
  await onlooker.connection.flush();
  await pause(0);
  return { durationMs: clock.now(), calls: book.calls, heard: onlooker.heard, deaf: onlooker.deaf(), faults, closing };
}

function showProgress({ progress }: SoakOptions, { clock, book, faults }: { readonly clock: SoakClock; readonly book: CallBook; readonly faults: readonly StruckFault[] }): NodeJS.Timeout {
  return setInterval(() => {
    const ended = book.calls.flatMap(({ end }) => end ?? []);
    const errors = ended.filter(({ outcome }) => outcome.kind === 'error').length;
    progress?.({ now: clock.now(), asked: book.calls.length, answered: ended.length, errors, faults: faults.length });
  }, progressEveryMs);
}
