import { z } from 'zod';
import { EvaluationRow } from './run-progress.ts';
import { Count } from './scalars.ts';

/** Files of an evaluation's folder that programs read; beside them are `report.md` and `scaling.svg`, for people. */
export const evaluationFiles = { report: 'evaluation.json', items: 'items.jsonl' } as const;

const Measure = z.enum(['accuracy', 'rocAuc']);
const Rule = z.enum(['vote', 'meta', 'filter']);
const Interval = { low: z.number(), high: z.number() };
const Model = z.object({ name: z.string(), revision: z.string() });

/** Items that are measured alike: those of a suite with several responses, or those with one. */
export const EvaluationSuite = z.object({
  name: z.string(),
  measure: Measure,
  items: Count,
  chance: z.number().describe('What guessing would reach'),
  digest: z.string().describe('Of the items and what is known of them: equal digests, equal items'),
});
export type EvaluationSuite = z.infer<typeof EvaluationSuite>;

/** A point of a scaling curve. */
export const ScalingPoint = z.object({
  suite: z.string(),
  measure: Measure,
  rule: Rule,
  samples: Count.describe('k'),
  value: z.number(),
  ...Interval,
});
export type ScalingPoint = z.infer<typeof ScalingPoint>;

/** How much better a method is than another on the same items, in the suite's measure; paired bootstrap over items. */
export const EvaluationDifference = z.object({
  suite: z.string(),
  measure: Measure,
  method: z.string(),
  than: z.string(),
  difference: z.number(),
  ...Interval,
  items: Count,
});
export type EvaluationDifference = z.infer<typeof EvaluationDifference>;

/** Judgements of one kind as they came from the judge. */
export const DrawnJudgements = z.object({
  suite: z.string(),
  kind: z.enum(['greedy', 'sampled', 'greedy+reference', 'sampled+reference']),
  judgements: Count,
  readable: z.number().describe('Share whose scores could be read'),
  meanTokens: z.number().describe('Of one judgement'),
});
export type DrawnJudgements = z.infer<typeof DrawnJudgements>;

/** What early stopping would have saved and changed on the samples that were drawn. */
export const StoppingReplay = z.object({
  suite: z.string(),
  mode: z.enum(['Exact', 'Confident']),
  rule: Rule,
  asked: Count,
  verdicts: Count,
  meanDrawn: z.number(),
  changed: Count.describe('Verdicts that name another winner than all samples would'),
});
export type StoppingReplay = z.infer<typeof StoppingReplay>;

/** `evaluation.json`: all that was measured of a judge. */
export const EvaluationReport = z.object({
  version: z.literal(1),
  policy: Model,
  metaRM: Model.exactOptional(),
  settings: z.object({
    template: z.string(),
    principles: z.boolean(),
    temperature: z.number(),
    maxTokens: Count,
    samples: z.array(Count).describe('k of the methods'),
    seed: Count,
    confidence: z.number().describe('Of every interval'),
    resamples: Count.describe('Of every bootstrap'),
  }),
  suites: z.array(EvaluationSuite),
  rows: z.array(EvaluationRow),
  curve: z.array(ScalingPoint),
  differences: z.array(EvaluationDifference),
  judgements: z.array(DrawnJudgements),
  stopping: z.array(StoppingReplay),
});
export type EvaluationReport = z.infer<typeof EvaluationReport>;

const ItemOfSuite = z.object({
  suite: z.string(),
  id: z.string(),
  category: z.string().exactOptional(),
  content: z.string().describe('Digest of what was judged and what is known of it'),
});

/** A line of `items.jsonl`: what came of one item by method, enough to compare two judges item by item. */
export const EvaluationItem = z.discriminatedUnion('measure', [
  ItemOfSuite.extend({
    measure: z.literal('accuracy'),
    credits: z.record(z.string(), z.number()).describe('Mean over the disjoint groups of k samples'),
  }),
  ItemOfSuite.extend({
    measure: z.literal('rocAuc'),
    label: z.union([z.literal(0), z.literal(1)]),
    scores: z.record(z.string(), z.array(z.number())).describe('Mean score by each disjoint group of k samples'),
  }),
]);
export type EvaluationItem = z.infer<typeof EvaluationItem>;
