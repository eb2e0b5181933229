import type { Random } from '../../random/random.ts';
import type { Kind, LazyCriterion } from '../kind.ts';
import { problemOf } from '../problem.ts';
import { listFrames } from '../words/phrasing.ts';
import { distinct } from './distinct.ts';
import { twoDigitNumbers } from './extremum.ts';

type Numbers = readonly number[];

const listed = (numbers: Numbers): string => numbers.join(', ');
const ascending = (numbers: Numbers): Numbers => numbers.toSorted((a, b) => a - b);

/** A sorted list spoilt: two neighbours swapped, all in disorder, or one number changed. */
function spoil(random: Random, sorted: Numbers): Numbers {
  if (random.chance(0.6)) {
    const left = random.integer(0, sorted.length - 2);
    return [...sorted.slice(0, left), ...sorted.slice(left, left + 2).toReversed(), ...sorted.slice(left + 2)];
  }
  if (random.chance(0.5)) return random.shuffle(sorted);
  return sorted.with(random.integer(0, sorted.length - 1), random.integer(11, 98));
}

/** Kinds that ask to sort numbers of two digits; a test question is never seen in training, in no order of its numbers. */
export function sortingKind(options: {
  readonly name: string;
  readonly carefulness: number;
  readonly bias: LazyCriterion;
  /** How many numbers. */
  readonly length: (random: Random) => number;
  /** Each response is told twice over in a judgement: long lists come with fewer of them. */
  readonly mostResponses?: number;
}): Kind {
  const { length, mostResponses = 4, ...rest } = options;
  return {
    ...rest,
    category: 'reasoning',
    heldOut: 'question',
    draw: (random, count) => {
      const numbers = twoDigitNumbers(random, length(random));
      const wanted = ascending(numbers);
      const others = distinct(Math.min(count, mostResponses) - 1, [wanted], () => spoil(random, wanted), listed);
      return problemOf<Numbers, Numbers>({
        query: `sort ${listed(numbers)}.`,
        question: `sort ${wanted.join(' ')}`,
        wanted,
        answers: [wanted, ...others].map((given) => ({ text: random.pick(listFrames).replace('{}', listed(given)), given })),
        derive: (value) => `sorted: ${listed(value)}.`,
        name: listed,
        check: (given, value) => ({
          shown: `says ${listed(given)}, want ${listed(value)}`,
          right: listed(given) === listed(value),
        }),
        slip: (slipping) => distinct(1, [wanted], () => slipping.shuffle(wanted), listed)[0] ?? wanted,
      });
    },
  };
}
