import { estimateTogether, type BootstrapOptions, type Estimate } from '@grm/preferences';
import type { EvaluationDifference, EvaluationRow, ScalingPoint } from '@grm/protocol';
import { curveSamplesOf, methodsOf, referenceMethodsOf, scaled, scalingRules, type Method } from './method.ts';
import { resultsOf } from './results-of.ts';
import type { SuitePart } from './suite-part.ts';

export interface MeasureOptions extends BootstrapOptions {
  /** k of the methods; the largest is K, the samples drawn of each item. */
  readonly samples: readonly number[];
  /** Whether samples carry a meta RM's logit. */
  readonly metaRM: boolean;
}

export interface PartMeasures {
  readonly rows: readonly EvaluationRow[];
  readonly curve: readonly ScalingPoint[];
  readonly differences: readonly EvaluationDifference[];
}

type Pair = readonly [method: Method, than: Method];

/**
 * Which methods are set against which: each against greedy, weighing and filtering against the vote of as many samples, and every
 * method against itself with fewer samples.
 */
export function comparedPairs(methods: readonly Method[]): Pair[] {
  const [greedy, ...sampled] = methods;
  const find = (rule: Method['rule'], samples: number): Method[] => sampled.filter((method) => method.rule === rule && method.samples === samples);
  return sampled.flatMap((method): Pair[] => {
    const fewer = sampled.filter(({ rule, samples }) => rule === method.rule && samples < method.samples).at(-1);
    return [
      ...(greedy === undefined ? [] : [[method, greedy] as const]),
      ...(method.rule === 'vote' ? [] : find('vote', method.samples).map((than) => [method, than] as const)),
      ...(fewer === undefined ? [] : [[method, fewer] as const]),
    ];
  });
}

/** Accuracy or ROC-AUC of every method on a part, by category and in all, its scaling curve, and what is better than what. */
export function measurePart(part: SuitePart, options: MeasureOptions): PartMeasures {
  const methods = methodsOf(options.samples, options);
  const rules = options.metaRM ? scalingRules : (['vote'] as const);
  const points = rules.flatMap((rule) => curveSamplesOf(options.samples).map((samples) => ({ rule, samples, method: scaled(rule, samples) })));
  const pairs = comparedPairs(methods);
  const whole = estimate(part, [...methods, ...points.map(({ method }) => method)], pairs, options);
  const withReference = referencePart(part, options);
  return {
    rows: [
      ...rowsOf(part, methods, whole.values),
      ...withReference.rows,
      ...categoryParts(part).flatMap(({ category, ...of }) => [
        ...rowsOf(of, methods, estimate(of, methods, [], options).values, category),
        ...referencePart(of, options, category).rows,
      ]),
    ],
    curve: points.flatMap(({ rule, samples, method }) => {
      const point = whole.values.get(method.name);
      return point === undefined || Number.isNaN(point.value) ? [] : [{ suite: part.suite, measure: part.measure, rule, samples, ...point }];
    }),
    differences: [...differencesOf(part, pairs, whole.differences), ...withReference.differences],
  };
}

/** The same of judging with the reference shown, on the items that carry one, each method against itself without. */
function referencePart(part: SuitePart, options: MeasureOptions, category?: string): Omit<PartMeasures, 'curve'> {
  const items = part.items.filter(({ referenceShown }) => referenceShown !== undefined);
  if (items.length === 0) return { rows: [], differences: [] };
  const of = { ...part, items };
  const twins = referenceMethodsOf(options.samples);
  const pairs = twins.map(({ shown, plain }): Pair => [shown, plain]);
  const { values, differences } = estimate(of, pairs.flat(), pairs, options);
  return { rows: rowsOf(of, twins.map(({ shown }) => shown), values, category), differences: differencesOf(of, pairs, differences) };
}

function estimate(part: SuitePart, methods: readonly Method[], pairs: readonly Pair[], options: MeasureOptions) {
  const results = new Map(methods.map((method) => [method.name, resultsOf(method, part)]));
  return estimateTogether(results, pairs.map(([method, than]) => [method.name, than.name]), options);
}

/** What cannot be measured, the ROC-AUC of items with one label, has no row. */
function rowsOf({ suite, measure, items }: SuitePart, methods: readonly Method[], values: ReadonlyMap<string, Estimate>, category?: string): EvaluationRow[] {
  return methods.flatMap(({ name }) => {
    const of = values.get(name);
    if (of === undefined || Number.isNaN(of.value)) return [];
    return [{ suite, method: name, ...(category === undefined ? {} : { category }), measure, accuracy: of.value, low: of.low, high: of.high, items: items.length }];
  });
}

function differencesOf({ suite, measure, items }: SuitePart, pairs: readonly Pair[], estimates: readonly Estimate[]): EvaluationDifference[] {
  return pairs.flatMap(([method, than], index) => {
    const of = estimates[index];
    if (of === undefined || Number.isNaN(of.value)) return [];
    return [{ suite, measure, method: method.name, than: than.name, difference: of.value, low: of.low, high: of.high, items: items.length }];
  });
}

/** A part's items by category, in order of name; items without one count only in the whole. */
function categoryParts(part: SuitePart): (SuitePart & { readonly category: string })[] {
  const groups = Map.groupBy(part.items, ({ item }) => item.category);
  return [...groups.keys()]
    .filter((category) => category !== undefined)
    .toSorted()
    .map((category) => ({ ...part, category, items: groups.get(category) ?? [] }));
}
