import type { EvaluationItem } from '@grm/protocol';
import { CommandError } from '../command-error.ts';
import { columnOf, type ComparedCell } from './column-of.ts';
import { itemNotes, settingsNotes } from './comparison-notes.ts';
import { judgedBy, type Contestant, type JudgedSuite } from './contestant.ts';
import { methodsOf } from './judged-results.ts';
import { itemsOf, pairItems, sharedItems, type Entrant, type Side } from './pair-items.ts';

export interface CompareOptions {
  /** Default: every suite of the first. */
  readonly suites?: readonly string[];
  /** Default: every method of the first. */
  readonly methods?: readonly string[];
  /** Also by category. */
  readonly byCategory: boolean;
  /** Leave out the items that not all have. */
  readonly onlyShared: boolean;
}

export interface ComparedRow {
  readonly method: string;
  readonly category?: string;
  /** In the order of the contestants; undefined where one has not judged so. */
  readonly cells: readonly (ComparedCell | undefined)[];
}

export interface ComparedSuite {
  readonly suite: string;
  readonly measure: EvaluationItem['measure'];
  readonly rows: readonly ComparedRow[];
}

export interface Comparison {
  readonly contestants: readonly { readonly name: string; readonly runs: readonly string[] }[];
  readonly suites: readonly ComparedSuite[];
  /** What a reader must know to trust the table. */
  readonly notes: readonly string[];
}

/**
 * Sets contestants against the first, item by item where they were measured on the same items.
 * @throws {CommandError} `usage`: nothing to compare, see `pairItems`
 */
export function compareContestants(contestants: readonly [Contestant, ...Contestant[]], options: CompareOptions): Comparison {
  const [first, ...others] = contestants;
  const suites = chosen(first.suites, options.suites);
  if (suites.length === 0) throw new CommandError('usage', `${first.name} has no suite ${(options.suites ?? []).join(', ')}; it has ${first.suites.map(({ suite }) => suite).join(', ')}`);
  const compared = suites.map((ours) => compareSuite(contestants, ours, options));
  return {
    contestants: contestants.map(({ name, runs }) => ({ name, runs })),
    suites: compared.map(({ suite }) => suite),
    notes: [...others.flatMap((other) => settingsNotes(first, other)), ...compared.flatMap(({ notes }) => notes)],
  };
}

const chosen = (suites: readonly JudgedSuite[], names: readonly string[] | undefined): JudgedSuite[] => suites.filter(({ suite }) => names === undefined || names.includes(suite));

function compareSuite(contestants: readonly Contestant[], { suite, measure }: JudgedSuite, options: CompareOptions): { suite: ComparedSuite; notes: string[] } {
  const entrants = entrantsOf(contestants, { suite, measure }, options);
  const [first] = entrants;
  if (first === undefined) throw new RangeError('there is nobody to compare with');
  const methods = methodsOf(first.judged).filter((method) => options.methods === undefined || options.methods.includes(method));
  if (methods.length === 0) throw new CommandError('usage', `${first.name} has no method ${(options.methods ?? []).join(', ')} in suite ${suite}; it has ${methodsOf(first.judged).join(', ')}`);
  const categories = options.byCategory ? [undefined, ...categoriesOf(first.judged)] : [undefined];
  const rows = categories.flatMap((category) => {
    const columns = contestants.map(({ name }) => {
      const entrant = entrants.find((of) => of.name === name);
      return entrant === undefined ? new Map<string, ComparedCell>() : columnOf(first.judged, entrant, methods, category);
    });
    return methods.map((method) => ({ method, ...(category === undefined ? {} : { category }), cells: columns.map((column, index) => cellOf(column.get(method), index === 0)) }));
  });
  return { suite: { suite, measure, rows: byMethod(rows, methods) }, notes: itemNotes(entrants, contestants, { suite, measure }) };
}

/** Those who were measured on the suite, the first before all. */
function entrantsOf(contestants: readonly Contestant[], of: Pick<JudgedSuite, 'suite' | 'measure'>, { onlyShared }: CompareOptions): Entrant[] {
  const sides = contestants.flatMap((contestant): Side[] => {
    const judged = judgedBy(contestant, of);
    return judged === undefined ? [] : [{ name: contestant.name, judged }];
  });
  const shared = onlyShared ? sharedItems(sides) : [];
  const taken = sides.map((side, index) => ({ ...side, judged: shared[index] ?? side.judged }));
  const [first] = taken;
  return first === undefined ? [] : taken.map((side) => ({ ...side, pairing: pairItems(first, side) }));
}

const categoriesOf = (judged: JudgedSuite): string[] => [...new Set([...itemsOf(judged).values()].flatMap(({ category }) => category ?? []))].toSorted();

/** The rows of a method together, that of all items first. */
const byMethod = (rows: readonly ComparedRow[], methods: readonly string[]): ComparedRow[] => methods.flatMap((method) => rows.filter((row) => row.method === method));

/** The first is not set against itself. */
function cellOf(cell: ComparedCell | undefined, first: boolean): ComparedCell | undefined {
  if (cell === undefined || !first) return cell;
  const { difference: _, ...own } = cell;
  return own;
}
