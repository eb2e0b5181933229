import { areaUnderCurve, calibration, withinItemAreaUnderCurve } from '@grm/preferences';
import type { StageMetrics } from '../../progress/run-event.ts';
import { labelOf, type Judgement } from '../../judgements/judgement.ts';

const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));

/**
 * How well logits tell right judgements from wrong ones: over all of them, within items (what a vote among samples
 * needs), at the threshold 0, and how far probabilities are from the truth. Measures without a pair are left out.
 */
export function metaQuality(judgements: readonly Judgement[], logits: ArrayLike<number>): StageMetrics {
  const values = judgements.map((judgement, index) => ({ item: judgement.item.id, label: labelOf(judgement), score: logits[index] ?? Number.NaN }));
  const within = withinItemAreaUnderCurve(values);
  const right = values.filter(({ score, label }) => score > 0 === (label === 1)).length;
  const all: StageMetrics = {
    areaUnderCurve: areaUnderCurve(values),
    withinItemAreaUnderCurve: within.auc,
    withinItemPairs: within.pairs,
    accuracy: right / values.length,
    calibrationError: calibration(values.map(({ score, label }) => ({ probability: sigmoid(score), label }))).error,
    rightJudgements: values.filter(({ label }) => label === 1).length / values.length,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => Number.isFinite(value)));
}
