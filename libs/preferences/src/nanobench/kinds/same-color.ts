import type { Kind } from '../kind.ts';
import { problemOf } from '../problem.ts';
import { colors } from '../words/colors.ts';
import { answerFrames } from '../words/phrasing.ts';

const colorOf = new Map(colors);

/** Things by color, of colors that more than one thing has. */
const shared = Map.groupBy(colors, ([, color]) => color).entries()
  .map(([color, things]) => ({ color, things: things.map(([thing]) => thing) }))
  .filter(({ things }) => things.length > 1)
  .toArray();

/**
 * Name a thing of the same color; wrong answers have other colors. What color a thing has is told of every thing, which
 * two go together only of pairs of the item's own split, in either order: a test item needs two facts compared.
 */
export const sameColor: Kind = {
  name: 'same-color',
  category: 'chat',
  heldOut: 'question',
  heldOutBuckets: { test: 20, dev: 10 },
  carefulness: 0.5,
  bias: 'politeness',
  draw: (random, count) => {
    const { color, things } = random.pick(shared);
    const [thing = '', right = ''] = random.sample(things, 2);
    const others = random.sample(colors.filter(([, other]) => other !== color), count - 1);
    return problemOf<string, string>({
      query: `what has the same color as ${thing}?`,
      question: `same color ${[thing, right].toSorted().join(' ')}`,
      wanted: color,
      answers: [right, ...others.map(([other]) => other)].map((given) => ({
        text: random.pick(answerFrames).replace('{}', given),
        given,
      })),
      derive: (wanted) => `${thing} is ${wanted}.`,
      name: String,
      check: (given, wanted) => ({ shown: `${given} is ${colorOf.get(given)}, want ${wanted}`, right: colorOf.get(given) === wanted }),
      slip: (slipping) => slipping.pick(others)[1],
    });
  },
};
