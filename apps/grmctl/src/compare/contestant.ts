import type { EvaluationItem, EvaluationReport } from '@grm/protocol';
import { CommandError } from '../command-error.ts';
import type { RunEvaluation } from './read-evaluation.ts';

/** Items of one suite that are measured alike, as one or several runs judged them. */
export interface JudgedSuite {
  readonly suite: string;
  readonly measure: EvaluationItem['measure'];
  /** Of each run, by item; all runs have the same items. */
  readonly runs: readonly ReadonlyMap<string, EvaluationItem>[];
}

/** What is compared: a run, or several runs of one kind that differ in their seed, of which the mean is taken item by item. */
export interface Contestant {
  readonly name: string;
  readonly runs: readonly string[];
  readonly settings: EvaluationReport['settings'];
  readonly suites: readonly JudgedSuite[];
}

/**
 * @param name of the contestant; a run alone goes by its own
 * @throws {CommandError} `usage`: the runs were not measured on the same items
 */
export function contestantOf(name: string, [first, ...others]: readonly [RunEvaluation, ...RunEvaluation[]]): Contestant {
  const runs = [first, ...others];
  const suites = suitesOf(first).map(({ suite, measure }): JudgedSuite => {
    const items = runs.map((run) => itemsOf(run, suite, measure));
    const [ours = new Map<string, EvaluationItem>()] = items;
    for (const [index, theirs] of items.entries()) {
      const other = differing(ours, theirs);
      if (other !== undefined) throw new CommandError('usage', `${name}: ${first.name} and ${runs[index]?.name} were measured on other items of suite ${suite} (${other}), so they have no mean`);
    }
    return { suite, measure, runs: items };
  });
  return { name, runs: runs.map((run) => run.name), settings: first.report.settings, suites };
}

export const judgedBy = ({ suites }: Contestant, { suite, measure }: Pick<JudgedSuite, 'suite' | 'measure'>): JudgedSuite | undefined =>
  suites.find((judged) => judged.suite === suite && judged.measure === measure);

const suitesOf = ({ report }: RunEvaluation): Pick<JudgedSuite, 'suite' | 'measure'>[] => report.suites.map(({ name, measure }) => ({ suite: name, measure }));

const itemsOf = ({ items }: RunEvaluation, suite: string, measure: EvaluationItem['measure']): Map<string, EvaluationItem> =>
  new Map(items.filter((item) => item.suite === suite && item.measure === measure).map((item) => [item.id, item]));

/** An item that only one of two has, or that is not the same in both. */
function differing(ours: ReadonlyMap<string, EvaluationItem>, theirs: ReadonlyMap<string, EvaluationItem>): string | undefined {
  const ids = [...new Set([...ours.keys(), ...theirs.keys()])];
  return ids.find((id) => ours.get(id)?.content !== theirs.get(id)?.content);
}
