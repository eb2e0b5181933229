import type { JudgeClient, JudgeRequest } from '@grm/client';
import { GrmError } from '@grm/protocol';
import type { Call, Outcome, Purpose } from '../history.ts';
import type { SoakClock } from '../soak-clock.ts';
import { questionOf, substanceOf } from './substance-of.ts';

export interface Ask {
  readonly id: string;
  readonly request: JudgeRequest;
  readonly purpose: Purpose;
  readonly timeoutMs: number;
}

/** Every call that a client makes in a soak, and what became of it. */
export class CallBook {
  readonly #clock: SoakClock;
  readonly #calls: Call[] = [];
  readonly #pending = new Set<Promise<unknown>>();

  constructor(clock: SoakClock) {
    this.#clock = clock;
  }

  /** As it is now: calls under way have no end. */
  get calls(): readonly Call[] {
    return this.#calls;
  }

  get underWay(): number {
    return this.#pending.size;
  }

  /** Asks as a user does, and writes down what comes of it. Never rejects. */
  ask(client: JudgeClient, { id, request, purpose, timeoutMs }: Ask): Promise<Outcome> {
    const askedAt = this.#clock.now();
    const call: Call = { request: id, question: questionOf(request), purpose, askedAt, deadline: askedAt + timeoutMs };
    const place = this.#calls.push(call) - 1;
    const answer = outcomeOf(client, { ...request, id }, timeoutMs).then((outcome) => {
      this.#calls[place] = { ...call, end: { at: this.#clock.now(), outcome } };
      this.#pending.delete(answer);
      return outcome;
    });
    this.#pending.add(answer);
    return answer;
  }

  /** Resolves when every call has returned. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }
}

async function outcomeOf(client: JudgeClient, request: JudgeRequest, timeoutMs: number): Promise<Outcome> {
  try {
    const verdict = await client.judge(request, { timeoutMs });
    return { kind: 'verdict', substance: substanceOf(verdict), revision: verdict.model.revision };
  } catch (error) {
    if (GrmError.isInstance(error)) return { kind: 'error', code: error.code, message: error.message };
    // Without a code: the checker finds it.
    return { kind: 'error', code: error instanceof Error ? error.name : 'thrown', message: String(error) };
  }
}
