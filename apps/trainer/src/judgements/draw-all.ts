import type { Rollouts } from '../rollouts/rollouts.ts';
import { keptOf, openDrawnFile, type KeptDrawn } from './drawn-file.ts';
import type { AskedRequest } from './requests-of.ts';

/** Requests handed over at once: enough to keep samplers busy, few enough that little is lost when the run is stopped. */
const requestsAtOnce = 16;

export interface DrawAllOptions {
  readonly rollouts: Pick<Rollouts, 'draw'>;
  /** Keeps the answers; see AnswersFile. */
  readonly file: string;
  /** Of the policy that draws. */
  readonly revision: string;
  readonly signal: AbortSignal;
  /** Called with the number of requests answered, and the tokens drawn for the newest of them. */
  readonly progress: (requests: number, tokens: number) => void;
}

/**
 * Draws what has not been drawn before.
 * @returns the answers in the order of the requests; undefined where the run was stopped before the last: what there is, is kept
 */
export async function drawAll(requests: readonly AskedRequest[], options: DrawAllOptions): Promise<readonly KeptDrawn[] | undefined> {
  const { rollouts, signal, progress } = options;
  const file = await openDrawnFile(options.file, requests, options.revision);
  const missing = requests.keys().filter((request) => file.get(request) === undefined).toArray();
  let done = requests.length - missing.length;
  if (done > 0) progress(done, 0);
  for (let start = 0; start < missing.length; start += requestsAtOnce) {
    const chunk = missing.slice(start, start + requestsAtOnce);
    if (signal.aborted) return undefined;
    const drawn = await rollouts.draw(chunk.flatMap((request) => requests[request]?.request ?? []), { signal }).catch((error: unknown) => {
      if (signal.aborted && error === signal.reason) return undefined;
      throw error;
    });
    if (drawn === undefined) return undefined;
    const answers = chunk.flatMap((request, index) => {
      const answer = drawn[index];
      return answer === undefined ? [] : [{ request, drawn: answer }];
    });
    await file.add(...answers.map(({ request, drawn: answer }) => [request, keptOf(answer)] as const));
    done += answers.length;
    progress(done, answers.reduce((sum, { drawn: { judgements, promptTokens } }) => sum + promptTokens + tokensOf(judgements), 0));
  }
  return requests.flatMap((_, request) => file.get(request) ?? []);
}

const tokensOf = (judgements: readonly (readonly { readonly tokens: readonly number[] }[])[]): number =>
  judgements.flat().reduce((sum, { tokens }) => sum + tokens.length, 0);
