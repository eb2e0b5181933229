import { setTimeout as pause } from 'node:timers/promises';

export interface WaitOptions {
  /** Names what is waited for in the error. */
  readonly what: string;
  /** Default 20 s. */
  readonly withinMs?: number;
  /** Between two looks. Default 25 ms. */
  readonly everyMs?: number;
}

/**
 * Asks until the answer is neither undefined nor false, and returns it. An error of the probe counts as "not yet".
 * @throws Error at the deadline, with what the probe said last.
 */
export async function waitUntil<Answer>(probe: () => Promise<Answer> | Answer, { what, withinMs = 20_000, everyMs = 25 }: WaitOptions): Promise<Exclude<Answer, undefined | false>> {
  const deadline = performance.now() + withinMs;
  let last: unknown;
  do {
    try {
      const answer = await probe();
      if (isYes(answer)) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    await pause(everyMs);
  } while (performance.now() < deadline);
  const said = last instanceof Error ? last.message : JSON.stringify(last);
  throw new Error(`Waited ${withinMs} ms for ${what}; the last look found ${said}`, last instanceof Error ? { cause: last } : {});
}

function isYes<Answer>(answer: Answer): answer is Exclude<Answer, undefined | false> {
  return answer !== undefined && answer !== false;
}
