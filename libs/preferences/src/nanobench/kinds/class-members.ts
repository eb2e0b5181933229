import type { Kind } from '../kind.ts';
import { problemOf } from '../problem.ts';
import { classes, type WordClass } from '../words/classes.ts';
import { listFrames } from '../words/phrasing.ts';
import { countWords } from './count-words.ts';
import { nearMissList } from './near-miss-list.ts';

interface Wanted {
  readonly wordClass: WordClass;
  readonly length: number;
}

const classOf = (word: string): string => classes.find(({ members }) => members.includes(word))?.name ?? 'none';

/** List members of a class; wrong answers hold a member of another class, or one too many or too few. */
export const classMembers: Kind = {
  name: 'class-members',
  category: 'chat-hard',
  heldOut: 'answers',
  carefulness: 0.4,
  bias: 'politeness',
  draw: (random, count) => {
    const wanted: Wanted = { wordClass: random.pick(classes), length: random.integer(2, 4) };
    const from = wanted.wordClass.members;
    const outside = classes.filter((other) => other !== wanted.wordClass).flatMap(({ members }) => members);
    const lists = Array.from({ length: count }, (_, index) =>
      index === 0 ? random.sample(from, wanted.length) : nearMissList(random, { from, outside, length: wanted.length, foreign: 0.6 }),
    );
    return problemOf<Wanted, readonly string[]>({
      query: `list ${wanted.length} ${wanted.wordClass.plural}.`,
      wanted,
      answers: lists.map((words) => ({ text: random.pick(listFrames).replace('{}', words.join(', ')), given: words })),
      derive: ({ wordClass, length }) => `need ${length} ${wordClass.plural}.`,
      name: ({ wordClass, length }) => `${length} ${wordClass.plural}`,
      check: (words, { wordClass, length }) => {
        const belongs = (word: string): boolean => wordClass.members.includes(word);
        const counted = countWords(words, belongs, (word) => ` ${classOf(word)}`);
        return { shown: `${counted.text}, want ${length}`, right: counted.count === length && words.length === length };
      },
      slip: (slipping) => ({ ...wanted, length: Math.max(1, wanted.length + slipping.pick([-1, 1])) }),
    });
  },
};
