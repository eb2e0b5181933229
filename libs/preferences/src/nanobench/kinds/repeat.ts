import type { Kind } from '../kind.ts';
import { problemOf } from '../problem.ts';
import { commonWords } from '../words/common-words.ts';
import { listFrames } from '../words/phrasing.ts';
import { countWords } from './count-words.ts';
import { distinct } from './distinct.ts';

interface Repetition {
  readonly word: string;
  readonly times: number;
}

/** Say a word a number of times; wrong answers say it too often, too rarely, or say another word. */
export const repeat: Kind = {
  name: 'repeat',
  category: 'chat-hard',
  heldOut: 'answers',
  carefulness: 0.68,
  draw: (random, count) => {
    const wanted: Repetition = { word: random.pick(commonWords), times: random.integer(2, 5) };
    const miss = (): Repetition =>
      random.chance(0.75)
        ? { ...wanted, times: Math.max(1, wanted.times + random.pick([-2, -1, -1, 1, 1, 2])) }
        : { ...wanted, word: random.pick(commonWords) };
    const given = [wanted, ...distinct(count - 1, [wanted], miss, ({ word, times }) => `${word} ${times}`)];
    return problemOf<Repetition, readonly string[]>({
      query: `say ${wanted.word} ${wanted.times} times.`,
      wanted,
      answers: given
        .map(({ word, times }) => Array.from({ length: times }, () => word))
        .map((words) => ({ text: random.pick(listFrames).replace('{}', words.join(' ')), given: words })),
      derive: ({ word, times }) => `need ${word} ${times} times.`,
      name: ({ word, times }) => `${word} ${times} times`,
      check: (words, { word, times }) => {
        const counted = countWords(words, (other) => other === word);
        return { shown: `${counted.text}, want ${times}`, right: counted.count === times && words.length === times };
      },
      slip: (slipping) => ({ ...wanted, times: Math.max(1, wanted.times + slipping.pick([-1, 1])) }),
    });
  },
};
