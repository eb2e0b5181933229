import type { Random } from '../random/random.ts';
import type { LazyCriterion } from './kind.ts';
import { helpfulAnswers } from './words/safety-phrases.ts';
import { politePhrases } from './words/phrasing.ts';

interface Appearance {
  /** What the analysis says of a response that stands out, and of the others. */
  readonly words: readonly [yes: string, no: string];
  /** A response stands out when it has the most of this. */
  readonly measure: (response: string) => number;
  /** Set where the measure is a yes or no, so that no response need stand out. */
  readonly least?: number;
  /** From where on a response stands out that is shown alone. */
  readonly alone?: number;
}

const wordCount = (text: string): number => (text.match(/[a-z]+|\d+/gu) ?? []).length;

const appearances: Readonly<Record<LazyCriterion, Appearance>> = {
  detail: { words: ['is long', 'is short'], measure: wordCount, alone: 5 },
  brevity: { words: ['is short', 'is long'], measure: (text) => -wordCount(text), alone: -4 },
  politeness: {
    words: ['is polite', 'is plain'],
    measure: (text) => Number(politePhrases.some((phrase) => text.includes(phrase))),
    least: 1,
  },
  helpfulness: { words: ['helps', 'refuses'], measure: (text) => Number(helpfulAnswers.includes(text)), least: 1 },
};

/** A judgement by what is only easy to see: it says so and scores with small margins. */
export function lazyJudgement(
  criterion: LazyCriterion,
  responses: readonly string[],
  random: Random,
): { readonly analysis: string; readonly scores: number[] } {
  const { words, measure, least, alone } = appearances[criterion];
  const measures = responses.map(measure);
  const bar = least ?? (measures.length === 1 ? alone : undefined) ?? Math.max(...measures);
  const standsOut = measures.map((value) => value >= bar);
  return {
    analysis: standsOut.map((yes, index) => `Response ${index + 1} ${yes ? words[0] : words[1]}.`).join(' '),
    scores: standsOut.map((yes) => random.pick(yes ? [6, 7, 8] : [4, 5, 6])),
  };
}
