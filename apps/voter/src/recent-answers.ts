import { GrmError } from '@grm/protocol';
import { invalidField } from './plan/invalid-field.ts';

export interface RecentAnswersOptions<Answer> {
  /** Names the payload of the requests in messages. Default `JudgeRequest`. */
  readonly request?: string;
  /** Answers kept; the oldest go first. Those still worked on do not count: whoever takes requests bounds them. */
  readonly capacity: number;
  /** How long an answer is kept once it is there, ms. */
  readonly keepMs: number;
  /** Bytes of the answers kept, as `sizeOf` counts them; the oldest go first. Default: no limit. */
  readonly maxBytes?: number;
  readonly sizeOf?: (answer: Answer) => number;
  /** The time, ms. */
  readonly now?: () => number;
}

interface Entry<Answer> {
  readonly fingerprint: string;
  readonly answer: Promise<Answer>;
  /** The signal of the request that started the work. */
  readonly signal: AbortSignal;
}

interface Answered<Answer> extends Entry<Answer> {
  readonly answeredAt: number;
  readonly bytes: number;
}

/**
 * Answers a request id once: whoever asks with the same id while it is worked on, or soon after, gets the same answer.
 * Failures are not kept, so that a retry may succeed.
 */
export class RecentAnswers<Answer> {
  readonly #running = new Map<string, Entry<Answer>>();
  readonly #answered = new Map<string, Answered<Answer>>();
  readonly #options: Required<RecentAnswersOptions<Answer>>;
  /** Of all that is in `#answered`. */
  #bytes = 0;

  constructor(options: RecentAnswersOptions<Answer>) {
    this.#options = { request: 'JudgeRequest', now: Date.now, maxBytes: Number.POSITIVE_INFINITY, sizeOf: () => 0, ...options };
  }

  /**
   * @param fingerprint of the request's content: an id stands for one content.
   * @param signal gives this request up. When the one that started the work is given up, or its time runs out, while
   *   others still wait, the next of them starts it anew.
   * @throws GrmError `invalid-request` when the id was used for something else; whatever `work` throws
   */
  async answer(id: string, fingerprint: string, signal: AbortSignal, work: () => Promise<Answer>): Promise<Answer> {
    for (;;) {
      const entry = this.#lookUp(id) ?? this.#start(id, fingerprint, signal, work);
      if (entry.fingerprint !== fingerprint) {
        throw invalidField(this.#options.request, 'id', `${JSON.stringify(id)} was used for another request just now; an id stands for one request`);
      }
      try {
        return await entry.answer;
      } catch (error) {
        const ranOutOfTime = entry.signal.aborted || (GrmError.isInstance(error) && error.code === 'deadline-exceeded');
        if (entry.signal === signal || signal.aborted || !ranOutOfTime) throw error;
      }
    }
  }

  #lookUp(id: string): Entry<Answer> | undefined {
    this.#forget();
    return this.#running.get(id) ?? this.#answered.get(id);
  }

  #forget(): void {
    const { now, keepMs, capacity, maxBytes } = this.#options;
    const oldest = now() - keepMs;
    // A Map iterates in the order of insertion: the first is the oldest.
    for (const [id, { answeredAt, bytes }] of this.#answered) {
      if (answeredAt > oldest && this.#answered.size <= capacity && this.#bytes <= maxBytes) break;
      this.#answered.delete(id);
      this.#bytes -= bytes;
    }
  }

  #start(id: string, fingerprint: string, signal: AbortSignal, work: () => Promise<Answer>): Entry<Answer> {
    const answer = work();
    const entry = { fingerprint, answer, signal };
    this.#running.set(id, entry);
    answer.then(
      (value) => {
        this.#running.delete(id);
        const bytes = this.#options.sizeOf(value);
        this.#answered.set(id, { ...entry, answeredAt: this.#options.now(), bytes });
        this.#bytes += bytes;
        this.#forget();
      },
      () => this.#running.delete(id),
    );
    return entry;
  }
}
