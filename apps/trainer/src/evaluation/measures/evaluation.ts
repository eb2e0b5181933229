import type { BootstrapOptions } from '@grm/preferences';
import type { EvaluationItem, EvaluationReport } from '@grm/protocol';
import type { ItemJudgements, SuiteJudgements } from '../drawing/item-judgements.ts';
import { contentOf } from '../drawing/suite.ts';
import { countJudgements } from './count-judgements.ts';
import { measurePart } from './measure-part.ts';
import { methodsOf, referenceMethodsOf, type Method } from './method.ts';
import { replayStopping } from './replay-stopping.ts';
import { labelOf, meanCredit, singleScores } from './results-of.ts';
import { describePart, partsOf, type SuitePart } from './suite-part.ts';

/** All that was measured of a judge: in all, and item by item. */
export interface Evaluation {
  readonly report: EvaluationReport;
  readonly items: readonly EvaluationItem[];
}

/** What was measured how. */
export type Measured = Pick<EvaluationReport, 'policy' | 'metaRM'> & { readonly settings: Omit<EvaluationReport['settings'], 'confidence' | 'resamples'> };

/** Of every interval; the seed is no run's own, so that equal judgements have equal intervals. */
const bootstrap = { seed: 1, resamples: 10_000, confidence: 0.95 } as const satisfies BootstrapOptions;

export function evaluationOf(suites: readonly SuiteJudgements[], { policy, metaRM, settings }: Measured): Evaluation {
  const options = { ...bootstrap, samples: settings.samples, metaRM: metaRM !== undefined };
  const parts = suites.flatMap(partsOf);
  const measures = parts.map((part) => measurePart(part, options));
  return {
    report: {
      version: 1,
      policy,
      ...(metaRM === undefined ? {} : { metaRM }),
      settings: { ...settings, confidence: bootstrap.confidence, resamples: bootstrap.resamples },
      suites: parts.map(describePart),
      rows: measures.flatMap(({ rows }) => rows),
      curve: measures.flatMap(({ curve }) => curve),
      differences: measures.flatMap(({ differences }) => differences),
      judgements: suites.flatMap(countJudgements),
      stopping: parts.flatMap((part) => replayStopping(part, options)),
    },
    items: parts.flatMap((part) => part.items.map((judged) => itemOf(part, judged, methodsOf(settings.samples, options), settings.samples))),
  };
}

function itemOf({ suite, measure }: SuitePart, judged: ItemJudgements, plain: readonly Method[], samples: readonly number[]): EvaluationItem {
  const { item, referenceShown } = judged;
  const methods = [...plain, ...(referenceShown === undefined ? [] : referenceMethodsOf(samples).map(({ shown }) => shown))];
  const of = { suite, id: item.id, ...(item.category === undefined ? {} : { category: item.category }), content: contentOf(item) };
  return measure === 'accuracy'
    ? { ...of, measure, credits: Object.fromEntries(methods.map((method) => [method.name, meanCredit(method, judged)])) }
    : { ...of, measure, label: labelOf(judged), scores: Object.fromEntries(methods.map((method) => [method.name, singleScores(method, judged)])) };
}
