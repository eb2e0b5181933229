import type { Kind } from '../kind.ts';
import { problemOf } from '../problem.ts';
import { commonWords } from '../words/common-words.ts';
import { listFrames } from '../words/phrasing.ts';
import { countWords } from './count-words.ts';
import { nearMissList } from './near-miss-list.ts';

const byLetter = Map.groupBy(commonWords, (word) => word.charAt(0));
const letters = [...byLetter.keys()].filter((letter) => (byLetter.get(letter)?.length ?? 0) >= 5);

interface Wanted {
  readonly letter: string;
  readonly length: number;
}

/** Name words that start with a letter; wrong answers hold another word, or one too many or too few. */
export const firstLetter: Kind = {
  name: 'first-letter',
  category: 'chat-hard',
  heldOut: 'answers',
  carefulness: 0.62,
  draw: (random, count) => {
    const wanted: Wanted = { letter: random.pick(letters), length: random.integer(2, 3) };
    const from = byLetter.get(wanted.letter) ?? [];
    const outside = commonWords.filter((word) => !word.startsWith(wanted.letter));
    const lists = Array.from({ length: count }, (_, index) =>
      index === 0 ? random.sample(from, wanted.length) : nearMissList(random, { from, outside, length: wanted.length, foreign: 0.7 }),
    );
    return problemOf<Wanted, readonly string[]>({
      query: `name ${wanted.length} words that start with ${wanted.letter}.`,
      wanted,
      answers: lists.map((words) => ({ text: random.pick(listFrames).replace('{}', words.join(', ')), given: words })),
      derive: ({ letter, length }) => `need ${length} words with ${letter}.`,
      name: ({ letter, length }) => `${length} words with ${letter}`,
      check: (words, { letter, length }) => {
        const counted = countWords(words, (word) => word.startsWith(letter), (word) => ` ${word.charAt(0)}`);
        return { shown: `${counted.text}, want ${length}`, right: counted.count === length && words.length === length };
      },
      slip: (slipping) => ({ ...wanted, length: Math.max(1, wanted.length + slipping.pick([-1, 1])) }),
    });
  },
};
