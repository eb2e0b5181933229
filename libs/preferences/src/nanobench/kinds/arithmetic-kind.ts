import type { Random } from '../../random/random.ts';
import type { Kind, LazyCriterion } from '../kind.ts';
import { problemOf } from '../problem.ts';
import { answerFrames } from '../words/phrasing.ts';
import { distinct } from './distinct.ts';
import { nearMissNumber } from './near-miss-number.ts';

/** One sum: its operands, its result and how it is worked out digit by digit. */
export interface Sum {
  readonly query: string;
  /** The same for sums that are the same question (38 + 61, 61 + 38). */
  readonly question: string;
  readonly result: number;
  /** The digit-wise working that ends in `result`; for a wrong result its written digits are bent to fit. */
  work(result: number): string;
}

/** Kinds that ask for one number; a test question is never seen in training. */
export function arithmeticKind(options: {
  readonly name: string;
  readonly carefulness: number;
  readonly bias?: LazyCriterion;
  readonly sum: (random: Random) => Sum;
  /** A wrong result that a careless reader takes for the right one. */
  readonly nearMiss?: (random: Random, result: number) => number;
}): Kind {
  const { sum: drawSum, nearMiss = nearMissNumber, ...rest } = options;
  return {
    ...rest,
    category: 'reasoning',
    heldOut: 'question',
    draw: (random, count) => {
      const sum = drawSum(random);
      const values = [sum.result, ...distinct(count - 1, [sum.result], () => nearMiss(random, sum.result))];
      return problemOf<number, number>({
        query: sum.query,
        question: sum.question,
        wanted: sum.result,
        answers: values.map((value) => ({ text: random.pick(answerFrames).replace('{}', String(value)), given: value })),
        derive: (wanted) => sum.work(wanted),
        name: String,
        check: (given, wanted) => ({ shown: `says ${given}, want ${wanted}`, right: given === wanted }),
        slip: (slipping) => nearMiss(slipping, sum.result),
      });
    },
  };
}

/** Splits a number into its tens (all digits but the last) and its units. */
export const tensAndUnits = (value: number): readonly [tens: number, units: number] => [Math.floor(value / 10), value % 10];
