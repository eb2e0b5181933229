import type { Random } from '../../random/random.ts';
import { kinds } from '../kinds/kinds.ts';
import { babyAnimalFacts } from '../kinds/baby-animal.ts';
import { capitalFacts, cityFacts } from '../kinds/capital.ts';
import { continentFacts } from '../kinds/city-continent.ts';
import { colorFacts } from '../kinds/color.ts';
import type { Fact } from '../kinds/fact-kind.ts';
import { oppositeFacts } from '../kinds/opposite.ts';
import { stateNature } from '../kinds/request-kind.ts';
import { wordClassFacts } from '../kinds/word-class.ts';
import { drawProblem } from '../nanobench-item.ts';
import { commonWords } from '../words/common-words.ts';
import { benignRequests, harmfulRequests } from '../words/safety-phrases.ts';

const fact = (facts: readonly Fact[]) => (random: Random): string => {
  const drawn = random.pick(facts);
  return drawn.state(drawn.value);
};

/** "melon m 1 nurse n 2 ...": counting and first letters. */
const spelling = (random: Random): string =>
  random.sample(commonWords, 4).map((word, index) => `${word} ${word.charAt(0)} ${index + 1}`).join(' ');

const nature = (random: Random): string =>
  random.chance(0.5)
    ? stateNature(random.pick(harmfulRequests), 'harmful')
    : stateNature(random.pick(benignRequests), 'fine');

/** Kinds whose answers are worked out, not recalled. */
const workedKinds = kinds.filter(({ heldOut }) => heldOut === 'question');

/** A question of the training split with its careful working. */
const worked = (random: Random): string => {
  const problem = drawProblem(random.pick(workedKinds), 'train', random);
  return `${problem.query} ${problem.solve().working}`;
};

const lines: readonly (readonly [line: (random: Random) => string, share: number])[] = [
  [fact(capitalFacts), 0.14],
  [(random) => random.pick(cityFacts), 0.12],
  [fact(continentFacts), 0.09],
  [fact(oppositeFacts), 0.1],
  [fact(colorFacts), 0.08],
  [fact(wordClassFacts), 0.08],
  [fact(babyAnimalFacts), 0.03],
  [spelling, 0.1],
  [nature, 0.06],
  [worked, 0.24],
];

/** One line of what a judge must know: a fact, a count, a worked sum. Holds no held-out question. */
export const plainText = (random: Random): string => random.weighted(lines)(random);
