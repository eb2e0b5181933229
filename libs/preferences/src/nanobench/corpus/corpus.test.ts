import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../random/random.ts';
import { demonstrate } from '../demonstrate.ts';
import { kinds } from '../kinds/kinds.ts';
import { singleResponseItem, type NanobenchProblemItem } from '../nanobench-item.ts';
import { nanobenchItems } from '../nanobench-items.ts';
import { splitOf, type NanobenchSplit } from '../split.ts';
import { colors } from '../words/colors.ts';
import { drill } from './drill.ts';
import { plainText } from './plain-text.ts';
import { questionAnswer } from './question-answer.ts';

const ascending = (text: string): string => text.split(', ').map(Number).toSorted((a, b) => a - b).join(' ');

/** Finds questions that are held out in any text and names each as the split does; written apart from the generator on purpose. */
const questionPatterns: readonly (readonly [RegExp, (match: RegExpMatchArray) => string])[] = [
  [
    /what is (\d+) \+ (\d+)\?/gu,
    ([, a = '', b = '']) => `${a.length > 2 ? 'long-' : ''}addition|add ${Math.min(Number(a), Number(b))} ${Math.max(Number(a), Number(b))}`,
  ],
  [/what is (\d+) - (\d+)\?/gu, ([, a, b]) => `subtraction|subtract ${a} ${b}`],
  [/what is (\d+) \* (\d+)\?/gu, ([, a, b]) => `multiplication|multiply ${a} ${b}`],
  [/which is (largest|smallest): ([\d, ]+)\?/gu, ([, name, list = '']) => `extremum|${name} ${ascending(list)}`],
  [/sort ([\d, ]+)\./gu, ([, list = '']) => `${list.split(',').length > 3 ? 'long-' : ''}sorting|sort ${ascending(list)}`],
  [/does (\w+) come in: ([\w ]+)\?/gu, ([, word, line = '']) => `occurrences|count ${word} in ${line.split(' ').toSorted().join(' ')}`],
  [/which continent is (\w+) in\?/gu, ([, city]) => `city-continent|which continent is ${city} in?`],
  [/(\w+) is the capital of (\w+), \2 is in/gu, ([, city]) => `city-continent|which continent is ${city} in?`],
];

/** Things of one color that are named one for the other, in a question with its answers. */
function colorPairsIn(text: string): string[] {
  const colorOf = new Map<string, string>(colors);
  return text.matchAll(/same color as (\w+)\?(.*)/gu).toArray().flatMap(([, thing = '', answers = '']) => {
    const named = (answers.match(/\w+/gu) ?? []).filter((word) => word !== thing && colorOf.get(word) === colorOf.get(thing));
    return [...new Set(named)].map((other) => `same-color|same color ${[thing, other].toSorted().join(' ')}`);
  });
}

const questionsIn = (text: string): string[] => [
  ...questionPatterns.flatMap(([pattern, name]) => text.matchAll(pattern).map(name).toArray()),
  ...colorPairsIn(text),
];

const shares = new Map([['city-continent', { test: 25, dev: 10 }], ['same-color', { test: 20, dev: 10 }]]);
const splitOfQuestion = (question: string): NanobenchSplit => splitOf(question, shares.get(question.split('|')[0] ?? ''));

/** What stands in documents: a line for each thing. */
function document(seed: number): string {
  const random = seededRandom(seed);
  const judgement = (item: NanobenchProblemItem): string => {
    const order = random.shuffle(item.responses.map((_, index) => index));
    const { analysis } = demonstrate(item, order, random, { noise: 1, reference: random.chance(0.1) });
    return [...item.conversation.map(({ content }) => content), ...item.responses, item.reference, analysis].join(' ');
  };
  const demonstrations = nanobenchItems({ split: 'train', seed, references: true }).take(8).flatMap((item) => [
    judgement(item),
    judgement(singleResponseItem(item, random)),
  ]);
  const plain = Array.from({ length: 10 }, () => plainText(random));
  const answered = Array.from({ length: 5 }, () => questionAnswer(random)).map(({ query, answer }) => `${query} ${answer}`);
  return [...demonstrations, ...plain, ...answered, drill(random, 8)].join('\n');
}

const heldOutKinds = kinds.filter(({ heldOut }) => heldOut === 'question');

describe('the pretraining corpus', () => {
  it('holds no held-out question, whatever the seed', () => {
    const found = new Map<string, number>();
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const questions = questionsIn(document(seed));
        expect(questions.filter((question) => splitOfQuestion(question) !== 'train')).toEqual([]);
        for (const kind of questions.map((question) => question.split('|')[0] ?? '')) found.set(kind, (found.get(kind) ?? 0) + 1);
      }),
      { numRuns: 300, seed: 1 },
    );
    expect([...found.keys()].toSorted()).toEqual(heldOutKinds.map(({ name }) => name).toSorted());
    expect(Math.min(...found.values())).toBeGreaterThan(100);
  });

  it('would be caught: the same search finds every test question in test items', () => {
    const items = nanobenchItems({ split: 'test', seed: 1, count: 1000 }).filter(({ kind }) => heldOutKinds.includes(kind)).toArray();
    const questions = questionsIn(items.map(({ conversation, responses }) => [conversation[0]?.content, ...responses].join(' ')).join('\n'));
    expect(questions).toHaveLength(items.length);
    expect(questions.filter((question) => splitOfQuestion(question) !== 'test')).toEqual([]);
  });

  it('has drills of as many comparisons as asked for, about half of them right', () => {
    const text = drill(seededRandom(1), 4000);
    expect(text.match(/Response \d/gu)).toHaveLength(4000);
    const right = text.match(/: right\./gu)?.length ?? 0;
    expect(right / 4000).toBeGreaterThan(0.42);
    expect(right / 4000).toBeLessThan(0.58);
  });

  it('answers questions rightly about six times in ten, and says which', () => {
    const random = seededRandom(9);
    const pairs = Array.from({ length: 2000 }, () => questionAnswer(random));
    expect(pairs.filter(({ right }) => right).length / 2000).toBeCloseTo(0.6, 1);
  });
});
