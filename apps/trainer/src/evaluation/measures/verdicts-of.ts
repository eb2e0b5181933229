import { vote, type VoteSample } from '@grm/spct';
import type { ItemJudgements, ScoredJudgement } from '../drawing/item-judgements.ts';
import { voteRuleOf, type Method } from './method.ts';

/** Mean scores in the callers' order; null where no judgement could be read. */
export type MeanScores = readonly number[] | null;

/**
 * The verdicts of a method on an item: one of each of the K/k groups into which its K samples fall in order. Each is what a service
 * would say with k samples; their mean is less noise than the first of them.
 */
export function verdictsOf(method: Method, { item, ...judgements }: ItemJudgements): MeanScores[] {
  const drawn = method.referenceShown ? judgements.referenceShown : judgements;
  if (drawn === undefined) return [];
  if (method.rule === 'greedy') return [drawn.greedy.scores];
  const { samples: k, rule } = method;
  const groups = Array.from({ length: Math.floor(drawn.samples.length / k) }, (_, group) => drawn.samples.slice(group * k, (group + 1) * k));
  return groups.map((group) => verdictOf(group, { rule: voteRuleOf[rule], asked: k, responses: item.responses.length }));
}

function verdictOf(judgements: readonly ScoredJudgement[], { rule, asked, responses }: { rule: (typeof voteRuleOf)[keyof typeof voteRuleOf]; asked: number; responses: number }): MeanScores {
  const samples = votingSamples(judgements).filter(({ metaLogit }) => rule.kind === 'sum' || metaLogit !== undefined);
  // The seed breaks ties, which count by halves here.
  return samples.length === 0 ? null : vote({ samples, responses, rule, seed: 0, asked }).meanScores;
}

/** The judgements that could be read, numbered as they were asked for. */
export function votingSamples(judgements: readonly ScoredJudgement[]): VoteSample[] {
  return judgements.flatMap(({ scores, metaLogit }, index) => (scores === null ? [] : [{ index, scores, ...(metaLogit === undefined ? {} : { metaLogit }) }]));
}
