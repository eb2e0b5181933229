import type { Kind } from '../kind.ts';
import { problemOf } from '../problem.ts';
import { commonWords } from '../words/common-words.ts';
import { answerFrames } from '../words/phrasing.ts';
import { countWords } from './count-words.ts';
import { distinct } from './distinct.ts';

/** Count a word in a line of words; wrong answers are one or two off. */
export const occurrences: Kind = {
  name: 'occurrences',
  category: 'chat-hard',
  heldOut: 'question',
  carefulness: 0.55,
  bias: 'detail',
  draw: (random, count) => {
    const [word = '', ...others] = random.sample(commonWords, 4);
    const times = random.integer(1, 5);
    const fillers = Array.from({ length: random.integer(2, 4) }, () => random.pick(others));
    const words = random.shuffle([...Array.from({ length: times }, () => word), ...fillers]);
    const miss = (): number => Math.max(0, times + random.pick([-2, -1, -1, 1, 1, 2]));
    const values = [times, ...distinct(count - 1, [times], miss)];
    const numberOf = (counted: readonly boolean[]): number => counted.filter(Boolean).length;
    const wanted = words.map((other) => other === word);
    return problemOf<readonly boolean[], number>({
      query: `how many times does ${word} come in: ${words.join(' ')}?`,
      question: `count ${word} in ${words.toSorted().join(' ')}`,
      wanted,
      answers: values.map((value) => ({ text: random.pick(answerFrames).replace('{}', String(value)), given: value })),
      derive: (counted) => `${countWords(words, (_, index) => counted[index] === true).text}, so ${numberOf(counted)}.`,
      name: (counted) => String(numberOf(counted)),
      check: (given, counted) => ({ shown: `says ${given}, want ${numberOf(counted)}`, right: given === numberOf(counted) }),
      slip: (slipping) => {
        const place = slipping.integer(0, words.length - 1);
        return wanted.with(place, wanted[place] !== true);
      },
    });
  },
};
