import type { Truth } from './truth.ts';

/** From this score on, a single response counts as right: the scale's anchors say that 6 meets the criteria in part. */
const rightFrom = 6;

/**
 * Whether scores, in the callers' order, agree with the truth: the best response strictly above every other, so a tie is wrong;
 * or the single response's score on the side of its label (arXiv 2504.02495, eq. 10; there a single response is scored 0 or 1
 * in training and 1 to 10 in tests, here always 1 to 10, so that training and serving ask for the same).
 */
export function isRight(scores: readonly number[], truth: Truth): boolean {
  if ('label' in truth) {
    const [score] = scores;
    if (scores.length !== 1 || score === undefined) return false;
    return score >= rightFrom === (truth.label === 1);
  }
  const best = scores[truth.best];
  return best !== undefined && scores.every((score, index) => index === truth.best || score < best);
}
