import { RunProgress, type RunAddress } from '@grm/protocol';
import { weightOf } from './weight-of.ts';
import type { ProgressFact } from './progress-fact.ts';

/** One value of the bucket. */
export interface ProgressEntry {
  readonly run: RunAddress;
  /** JSON as it was written; undefined when the value was deleted. */
  readonly text: string | undefined;
  readonly heardAt: Date;
}

/** A value longer than this is not one of ours: what a trainer writes has bounds, and is some ten KiB. */
const LONGEST_VALUE = 256 * 1024;

/** Rows of an evaluation that a status takes. */
const MOST_ROWS = 512;

/** A step more is told of this often at most, s; whatever changes what has to be done, at once. */
export const QUIET_SECONDS = 15;

interface Heard {
  readonly content: RunProgress | Error;
  readonly heardAt: Date;
  readonly weight: string;
  /** When somebody was last told. */
  readonly toldAt: Date;
}

/**
 * The newest word of each run. Bounded: beyond `maxRuns` the run that was silent for longest is forgotten, and counts as one that said nothing.
 * Time without a connection is kept apart from silence.
 */
export class ProgressStore {
  readonly #heard = new Map<string, Heard>();
  readonly #maxRuns: number;
  #connection: { readonly kind: 'up' | 'away'; readonly since: Date };

  constructor({ maxRuns, now }: { readonly maxRuns: number; readonly now: Date }) {
    this.#maxRuns = maxRuns;
    this.#connection = { kind: 'away', since: now };
  }

  fact(run: RunAddress): ProgressFact {
    const { kind, since } = this.#connection;
    if (kind === 'away') return { kind: 'unavailable', since };
    const heard = this.#heard.get(keyOf(run));
    if (heard === undefined) return { kind: 'none', listeningSince: since };
    const { content, heardAt } = heard;
    if (content instanceof Error) return { kind: 'unreadable', message: content.message, heardAt, listeningSince: since };
    return { kind: 'known', progress: content, heardAt, listeningSince: since };
  }

  get size(): number {
    return this.#heard.size;
  }

  connected(now: Date): void {
    if (this.#connection.kind === 'away') this.#connection = { kind: 'up', since: now };
  }

  disconnected(now: Date): void {
    if (this.#connection.kind === 'up') this.#connection = { kind: 'away', since: now };
  }

  /** @returns whether somebody should look at the run now */
  accept({ run, text, heardAt }: ProgressEntry, now: Date): boolean {
    const key = keyOf(run);
    const before = this.#heard.get(key);
    this.#heard.delete(key);
    if (text === undefined) return before !== undefined;
    const content = parse(text);
    const weight = content instanceof Error ? content.message : weightOf(content);
    const tell = before === undefined || before.weight !== weight || now.getTime() - before.toldAt.getTime() >= QUIET_SECONDS * 1000;
    // Put last in the map's order: the first is always the one that was silent for longest.
    this.#heard.set(key, { content, heardAt, weight, toldAt: tell ? now : before.toldAt });
    if (this.#heard.size > this.#maxRuns) for (const oldest of this.#heard.keys()) if (this.#heard.size > this.#maxRuns) this.#heard.delete(oldest);
    return tell;
  }
}

const keyOf = ({ namespace, run }: RunAddress): string => `${namespace}.${run}`;

/** Without notices and results by category: they are for people who look into the run, and would be most of the memory, and of each status. */
function parse(text: string): RunProgress | Error {
  if (text.length > LONGEST_VALUE) return new Error(`${text.length} characters are no progress of a run`);
  try {
    const { notices: _, evaluation, ...progress } = RunProgress.parse(JSON.parse(text));
    const overall = evaluation?.filter(({ category }) => category === undefined).slice(0, MOST_ROWS);
    return { ...progress, ...(overall === undefined ? {} : { evaluation: overall }) };
  } catch {
    return new Error('it is no progress as this version knows it; the trainer may be of another one');
  }
}
