import type { Random } from '../../random/random.ts';
import type { Kind } from '../kind.ts';
import { problemOf } from '../problem.ts';
import { answerFrames } from '../words/phrasing.ts';

/** `count` different numbers of two digits. */
export const twoDigitNumbers = (random: Random, count: number): number[] =>
  random.sample(Array.from({ length: 88 }, (_, index) => 11 + index), count);

/** The largest or the smallest of three or four numbers; wrong answers are the others. */
export const extremum: Kind = {
  name: 'extremum',
  category: 'reasoning',
  heldOut: 'question',
  carefulness: 0.64,
  draw: (random, count) => {
    const numbers = twoDigitNumbers(random, random.integer(3, 4));
    const name = random.chance(0.4) ? 'smallest' : 'largest';
    const wanted = name === 'smallest' ? Math.min(...numbers) : Math.max(...numbers);
    const others = numbers.filter((other) => other !== wanted);
    const values = [wanted, ...random.sample(others, Math.min(count - 1, others.length))];
    return problemOf<number, number>({
      query: `which is ${name}: ${numbers.join(', ')}?`,
      question: `${name} ${numbers.toSorted((a, b) => a - b).join(' ')}`,
      wanted,
      answers: values.map((value) => ({ text: random.pick(answerFrames).replace('{}', String(value)), given: value })),
      derive: (value) => `the ${name} is ${value}.`,
      name: String,
      check: (given, value) => ({ shown: `says ${given}, want ${value}`, right: given === value }),
      slip: (slipping) => slipping.pick(others),
    });
  },
};
