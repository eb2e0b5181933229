import type { Random } from '../random/random.ts';
import { carefulJudgement } from './careful-judgement.ts';
import { lazyCriteria, relevantCriterion, type Criterion, type Kind, type LazyCriterion } from './kind.ts';
import { lazyJudgement } from './lazy-judgement.ts';
import type { NanobenchProblemItem } from './nanobench-item.ts';
import type { Problem, Solution } from './problem.ts';

/** A judgement in parts, in the order in which the responses are shown. */
export interface Demonstration {
  readonly criteria: readonly { readonly name: Criterion; readonly weight: number }[];
  readonly analysis: string;
  /** 1-10 each. One is missing in a few noisy demonstrations, as in those of people. */
  readonly scores: readonly number[];
}

/** How often a fully noisy demonstration (`noise` 1) goes wrong, and how. */
const faults = { slip: 0.1, flippedVerdict: 0.03, randomScores: 0.05, missingScore: 0.02 };

const everywhereLazy = lazyCriteria.filter((criterion) => criterion !== 'helpfulness');

function lazyCriterion(kind: Kind, random: Random): LazyCriterion {
  if (kind.bias !== undefined && random.chance(0.8)) return kind.bias;
  return random.pick(kind.category === 'safety' ? lazyCriteria : everywhereLazy);
}

function solutionOf(problem: Problem, random: Random, { reference, slips }: { reference: boolean; slips: number }): Solution {
  if (reference) return problem.refer();
  return random.chance(slips) ? problem.slip(random) : problem.solve();
}

export interface DemonstrationOptions {
  /** 0: always by the criterion that matters and without a fault; 1: as careless people would. */
  readonly noise: number;
  /** What is wanted comes from the item's reference instead of a derivation. Such a judgement has no fault, whatever the noise. */
  readonly reference?: boolean;
}

/**
 * Judges an item whose right answer is known, of several responses or of one.
 * @param order order[position] = index into the item's responses
 */
export function demonstrate(
  item: NanobenchProblemItem,
  order: readonly number[],
  random: Random,
  options: DemonstrationOptions,
): Demonstration {
  const { kind, problem } = item;
  const { reference = false } = options;
  const noise = reference ? 0 : options.noise;
  const relevant = relevantCriterion[kind.category];
  const lazy = random.chance((1 - kind.carefulness) * noise) ? lazyCriterion(kind, random) : undefined;
  const main = lazy ?? relevant;
  const second = random.pick([...everywhereLazy, relevant].filter((criterion) => criterion !== main));
  const weight = random.integer(6, 9);
  const { analysis, scores } =
    lazy === undefined
      ? carefulJudgement(
          solutionOf(problem, random, { reference, slips: faults.slip * noise }),
          order.map((index) => item.positions[index] ?? -1),
          random,
          faults.flippedVerdict * noise,
        )
      : lazyJudgement(lazy, order.map((index) => item.responses[index] ?? ''), random);
  const drawn = random.chance(faults.randomScores * noise) ? scores.map(() => random.integer(1, 10)) : scores;
  return {
    criteria: [{ name: main, weight }, { name: second, weight: 10 - weight }],
    analysis,
    scores: random.chance(faults.missingScore * noise) ? drawn.slice(0, -1) : drawn,
  };
}
