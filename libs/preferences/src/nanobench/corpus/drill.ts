import type { Random } from '../../random/random.ts';
import { verdictWords } from '../careful-judgement.ts';
import { countWords } from '../kinds/count-words.ts';
import { twoDigitNumbers } from '../kinds/extremum.ts';
import { nearMissNumber } from '../kinds/near-miss-number.ts';
import { babyAnimals } from '../words/baby-animals.ts';
import { capitals, continents } from '../words/capitals.ts';
import { classes } from '../words/classes.ts';
import { colors } from '../words/colors.ts';
import { commonWords } from '../words/common-words.ts';
import { opposites } from '../words/opposites.ts';

interface Comparison {
  readonly shown: string;
  readonly right: boolean;
}

const says = (given: string, wanted: string): Comparison => ({ shown: `says ${given}, want ${wanted}`, right: given === wanted });

const numbers = (random: Random): Comparison => {
  const wanted = random.integer(0, random.pick([9, 99, 99, 400, 1998]));
  return says(String(random.chance(0.5) ? wanted : nearMissNumber(random, wanted)), String(wanted));
};

const wordPools: readonly (readonly string[])[] = [
  capitals.map(([, capital]) => capital),
  opposites.flat(),
  classes.find(({ name }) => name === 'color')?.members ?? [],
  classes.map(({ name }) => name),
  babyAnimals.map(([, baby]) => baby),
  continents,
];

const words = (random: Random): Comparison => {
  const pool = random.pick(wordPools);
  const wanted = random.pick(pool);
  return says(random.chance(0.5) ? wanted : random.pick(pool), wanted);
};

const counts = (random: Random): Comparison => {
  const [word = '', other = ''] = random.sample(commonWords, 2);
  const strangers = random.pick([0, 0, 1, 2]);
  const words = random.shuffle(Array.from({ length: random.integer(strangers + 1, 6) }, (_, index) => (index < strangers ? other : word)));
  const { text, count } = countWords(words, (candidate) => candidate === word);
  const wanted = random.pick([count, count, Math.max(1, count - 1), count + 1]);
  return { shown: `${text}, want ${wanted}`, right: count === wanted };
};

const thingsByColor = (random: Random): Comparison => {
  const [thing, color] = random.pick(colors);
  const wanted = random.chance(0.5) ? color : random.pick(colors)[1];
  return { shown: `${thing} is ${color}, want ${wanted}`, right: color === wanted };
};

const reactions = (random: Random): Comparison => {
  const [given, wanted] = [random.pick(['helps', 'refuses']), random.pick(['helps', 'refuses'])];
  return { shown: `${given}, want ${wanted}`, right: given === wanted };
};

const sortedLists = (random: Random): Comparison => {
  const wanted = twoDigitNumbers(random, random.pick([3, 3, 4, 5])).toSorted((a, b) => a - b);
  const left = random.integer(0, wanted.length - 2);
  const swapped = [...wanted.slice(0, left), ...wanted.slice(left, left + 2).toReversed(), ...wanted.slice(left + 2)];
  const given = random.chance(0.5) ? wanted : swapped;
  return says(given.join(', '), wanted.join(', '));
};

const comparisons: readonly (readonly [(random: Random) => Comparison, share: number])[] = [
  [numbers, 0.36],
  [words, 0.22],
  [counts, 0.17],
  [thingsByColor, 0.07],
  [reactions, 0.06],
  [sortedLists, 0.12],
];

/**
 * `count` comparisons in the words of an analysis ("Response 3 says 82, want 81: wrong."), dense practice of telling
 * same from different. Only the verdicts can be foreseen, the rest is random: weigh its tokens little.
 */
export function drill(random: Random, count: number): string {
  const sentences = Array.from({ length: count }, () => {
    const { shown, right } = random.weighted(comparisons)(random);
    return `Response ${random.integer(1, 4)} ${shown}: ${right ? verdictWords.right : verdictWords.wrong}.`;
  });
  return sentences.join(' ');
}
