import type { Random } from '../../random/random.ts';
import type { Kind, LazyCriterion } from '../kind.ts';
import { problemOf } from '../problem.ts';
import type { HeldOutBuckets } from '../split.ts';
import { answerFrames } from '../words/phrasing.ts';
import { distinct } from './distinct.ts';

/** A fact with one right word and words of the same sort that are wrong. */
export interface Fact {
  readonly query: string;
  readonly value: string;
  readonly wrong: readonly string[];
  /** The fact as a sentence, for a value right or wrong. */
  state(value: string): string;
}

/** Kinds that ask for one known word. */
export function factKind(options: {
  readonly name: string;
  readonly carefulness: number;
  readonly bias?: LazyCriterion;
  /** `answers` unless told: facts must be learnt somewhere. */
  readonly heldOut?: Kind['heldOut'];
  readonly heldOutBuckets?: HeldOutBuckets;
  readonly fact: (random: Random) => Fact;
}): Kind {
  const { fact: drawFact, ...rest } = options;
  return {
    heldOut: 'answers',
    ...rest,
    category: 'chat',
    draw: (random, count) => {
      const fact = drawFact(random);
      const values = [fact.value, ...distinct(count - 1, [fact.value], () => random.pick(fact.wrong))];
      return problemOf<string, string>({
        query: fact.query,
        wanted: fact.value,
        answers: values.map((value) => ({ text: random.pick(answerFrames).replace('{}', value), given: value })),
        derive: (wanted) => fact.state(wanted),
        name: String,
        check: (given, wanted) => ({ shown: `says ${given}, want ${wanted}`, right: given === wanted }),
        slip: (slipping) => slipping.pick(values.slice(1)),
      });
    },
  };
}
