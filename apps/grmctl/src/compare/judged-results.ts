import type { ItemResults } from '@grm/preferences';
import type { EvaluationItem } from '@grm/protocol';
import type { JudgedSuite } from './contestant.ts';

/** Methods by which every run has judged, as the first run lists them. */
export function methodsOf({ runs }: JudgedSuite): string[] {
  const [first, ...others] = runs.map((items) => [...new Set(items.values().flatMap(valuesOf))]);
  return (first ?? []).filter((method) => others.every((methods) => methods.includes(method)));
}

const valuesOf = (item: EvaluationItem): string[] => Object.keys(item.measure === 'accuracy' ? item.credits : item.scores);

/** Those of the items that a method judged. */
export function judgedIds({ runs }: JudgedSuite, method: string, ids: readonly string[]): string[] {
  return ids.filter((id) => runs.every((items) => {
    const item = items.get(id);
    return item !== undefined && valuesOf(item).includes(method);
  }));
}

/** What a method made of items, by id: credits averaged over the runs, scores of all runs side by side. */
export function resultsOf({ measure, runs }: JudgedSuite, method: string, ids: readonly string[]): ItemResults {
  if (measure === 'accuracy') {
    const credit = (id: string): number => runs.reduce((sum, items) => sum + creditOf(items.get(id), method), 0) / runs.length;
    return { measure, credits: ids.map(credit) };
  }
  const [first] = runs;
  return { measure, scores: ids.map((id) => runs.flatMap((items) => scoresOf(items.get(id), method))), labels: ids.map((id) => labelOf(first?.get(id))) };
}

const creditOf = (item: EvaluationItem | undefined, method: string): number => (item?.measure === 'accuracy' ? item.credits[method] : undefined) ?? Number.NaN;
const scoresOf = (item: EvaluationItem | undefined, method: string): readonly number[] => (item?.measure === 'rocAuc' ? item.scores[method] : undefined) ?? [];
const labelOf = (item: EvaluationItem | undefined): 0 | 1 => (item?.measure === 'rocAuc' ? item.label : 0);
