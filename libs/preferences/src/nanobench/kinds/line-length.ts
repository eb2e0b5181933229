import type { Kind } from '../kind.ts';
import { problemOf } from '../problem.ts';
import { lineWords } from '../words/common-words.ts';
import { countWords } from './count-words.ts';
import { distinct } from './distinct.ts';

/** Write a line of a number of words; wrong answers are one or two words off. */
export const lineLength: Kind = {
  name: 'line-length',
  category: 'chat-hard',
  heldOut: 'answers',
  carefulness: 0.4,
  bias: 'detail',
  draw: (random, count) => {
    const wanted = random.integer(3, 6);
    const miss = (): number => Math.max(1, wanted + random.pick([-2, -1, -1, 1, 1, 2]));
    const lines = [wanted, ...distinct(count - 1, [wanted], miss)].map((length) =>
      Array.from({ length }, () => random.pick(lineWords)),
    );
    return problemOf<number, readonly string[]>({
      query: `write a line of ${wanted} words.`,
      wanted,
      answers: lines.map((words) => ({ text: `${words.join(' ')}.`, given: words })),
      derive: (length) => `need ${length} words.`,
      name: (length) => `${length} words`,
      check: (words, length) => {
        const counted = countWords(words, () => true);
        return { shown: `${counted.text}, want ${length}`, right: counted.count === length };
      },
      slip: (slipping) => wanted + slipping.pick([-1, 1]),
    });
  },
};
