import { Tokenizer } from '@grm/language-model';
import { groupByOrder, type DrawnJudgement, type DrawRequest, type ItemToJudge } from '@grm/judging';
import type { Rollouts } from '../rollouts/rollouts.ts';

export interface Seen {
  readonly item: ItemToJudge;
  /** order[position] = index into the item's responses. */
  readonly order: readonly number[];
  readonly seed: number;
}

/** Scores in the order shown: 9 for the caller's response `high`, 2 for the others. */
export const judgementFor = (high: number, { order }: Pick<Seen, 'order'>): string =>
  ` Criteria: accuracy 9\nAnalysis: seen.\nScores: \\boxed{${order.map((index) => (index === high ? 9 : 2)).join(', ')}}`;

/** A policy that writes what it is told to, and keeps what it was asked for. */
export function scriptedRollouts(write: (seen: Seen) => string): Rollouts & { readonly requests: DrawRequest[]; readonly policies: () => number } {
  const requests: DrawRequest[] = [];
  let tokenizer: Tokenizer | undefined;
  let policies = 0;
  const drawnOf = (item: ItemToJudge): DrawnJudgement[] =>
    groupByOrder(item.samples, item.input.responses.length)
      .flatMap(({ order, samples }) =>
        samples.map((sample): DrawnJudgement => {
          const text = write({ item, order, seed: sample.seed });
          const tokens = tokenizer?.encode(text) ?? [];
          return { ...sample, order, text, tokens, logprobs: tokens.map(() => -1), finishReason: 'stop' };
        }),
      )
      .toSorted((a, b) => a.index - b.index);
  return {
    requests,
    policies: () => policies,
    use: (policy) => {
      policies += 1;
      tokenizer ??= new Tokenizer(policy.tokenizer);
      return Promise.resolve();
    },
    draw: (asked, { signal }) => {
      signal.throwIfAborted();
      requests.push(...asked);
      return Promise.resolve(asked.map(({ items }) => ({ judgements: items.map(drawnOf), promptTokens: 1 })));
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
