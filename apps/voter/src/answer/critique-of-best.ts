import type { Verdict } from '@grm/protocol';
import { critiqueOf, orderOf } from '@grm/spct';

/**
 * What the judge says of the best response, out of one of the judgements that count: the one that the meta reward model finds soundest among those that put the best
 * response first, as the vote does; without a meta reward model, the one whose score for it is nearest to the mean. Ties go to the sample asked for first.
 * @param verdict with its judgements
 * @returns undefined where no judgement that counts says anything of it
 */
export function critiqueOfBest({ judgements = [], best, meanScores }: Verdict): string | undefined {
  const mean = meanScores[best] ?? 0;
  const critiques = judgements
    .filter(({ kept }) => kept)
    .map(({ analysis, scores, seed, metaScore = 0 }) => {
      const score = scores[best] ?? 0;
      return {
        critique: critiqueOf(analysis, orderOf(seed, scores.length).indexOf(best)),
        agrees: score === Math.max(...scores) ? 1 : 0,
        metaScore,
        distance: Math.abs(score - mean),
      };
    })
    .filter(({ critique }) => critique !== '');
  return critiques.toSorted((left, right) => right.agrees - left.agrees || right.metaScore - left.metaScore || left.distance - right.distance)[0]?.critique;
}
