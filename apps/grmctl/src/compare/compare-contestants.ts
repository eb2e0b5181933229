import { estimateTogether, unpairedDifference, type Estimate, type ItemResults } from '@grm/preferences';
import type { EvaluationItem } from '@grm/protocol';
import { CommandError } from '../command-error.ts';
import type { Contestant, JudgedSuite } from './contestant.ts';
import { judgedIds, methodsOf, resultsOf } from './judged-results.ts';
import { itemsOf, pairItems, sharedItems, type Pairing, type Side } from './pair-items.ts';

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

/** How a contestant fares by one method. */
export interface ComparedCell extends Estimate {
  readonly items: number;
  /** Of each run, where there are several. */
  readonly runs?: readonly number[];
  /** The contestant less the first, of all but the first. */
  readonly difference?: Estimate & { readonly paired: boolean };
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

const bootstrap = { seed: 1 };

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

/** A contestant with its items of the suite, and how they stand to those of the first. */
interface Entrant extends Side {
  readonly pairing: Pairing;
}

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
  const absent = contestants.filter(({ name }) => entrants.every((of) => of.name !== name)).map(({ name }) => `${name} was not measured on suite ${suite}.`);
  return { suite: { suite, measure, rows: byMethod(rows, methods) }, notes: [...absent, ...itemNotes(entrants, contestants, { suite, measure })] };
}

const judgedBy = ({ suites }: Contestant, { suite, measure }: Pick<JudgedSuite, 'suite' | 'measure'>): JudgedSuite | undefined =>
  suites.find((judged) => judged.suite === suite && judged.measure === measure);

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

const categoriesOf = (judged: JudgedSuite): string[] => [...new Set(itemsOf(judged).values().flatMap(({ category }) => category ?? []))].toSorted();

/** The rows of a method together, that of all items first. */
const byMethod = (rows: readonly ComparedRow[], methods: readonly string[]): ComparedRow[] => methods.flatMap((method) => rows.filter((row) => row.method === method));

/** The first is not set against itself. */
function cellOf(cell: ComparedCell | undefined, first: boolean): ComparedCell | undefined {
  if (cell === undefined || !first) return cell;
  const { difference: _, ...own } = cell;
  return own;
}

/** One method's items of both sides, those of one category where one is asked for. */
interface MethodItems {
  readonly method: string;
  readonly ids: readonly string[];
  readonly baseIds: readonly string[];
  readonly paired: boolean;
}

/** How an entrant fares by each method. Methods that judged the same items are resampled together, which is what takes the time. */
function columnOf(ours: JudgedSuite, { judged, pairing }: Entrant, methods: readonly string[], category: string | undefined): Map<string, ComparedCell> {
  const wanted = (suite: JudgedSuite, method: string): string[] =>
    judgedIds(suite, method, [...itemsOf(suite).keys()]).filter((id) => category === undefined || itemsOf(suite).get(id)?.category === category);
  const known = new Set(methodsOf(judged));
  const all = methods.filter((method) => known.has(method)).map((method): MethodItems => {
    const baseIds = wanted(ours, method);
    const ids = wanted(judged, method);
    const same = pairing.paired && ids.length === baseIds.length && baseIds.every((id) => itemsOf(judged).has(id));
    return { method, ids: same ? baseIds : ids, baseIds, paired: same };
  });
  const alike = Map.groupBy(all.filter(({ ids }) => ids.length > 0), ({ ids, paired }) => `${paired} ${ids.join(' ')}`);
  return new Map([...alike.values()].flatMap((group) => cellsOf(ours, judged, group)));
}

function cellsOf(ours: JudgedSuite, judged: JudgedSuite, group: readonly MethodItems[]): (readonly [string, ComparedCell])[] {
  const paired = group.every((of) => of.paired);
  const [own, base] = [(method: string): string => `own ${method}`, (method: string): string => `base ${method}`];
  const results = group.flatMap(({ method, ids }) => [
    [own(method), resultsOf(judged, method, ids)] as const,
    ...(paired ? [[base(method), resultsOf(ours, method, ids)] as const] : []),
  ]);
  const { values, differences } = estimateTogether(new Map(results), paired ? group.map(({ method }) => [own(method), base(method)] as const) : [], bootstrap);
  return group.flatMap(({ method, ids, baseIds }, index) => {
    const value = values.get(own(method));
    if (value === undefined) return [];
    const unpaired = (): Estimate | undefined =>
      baseIds.length === 0 ? undefined : unpairedDifference(resultsOf(judged, method, ids), resultsOf(ours, method, baseIds), bootstrap);
    const difference = paired ? differences[index] : unpaired();
    const runs = judged.runs.length === 1 ? undefined : judged.runs.map((run) => valueOf(resultsOf({ ...judged, runs: [run] }, method, ids)));
    return [[method, { ...value, items: ids.length, ...(runs === undefined ? {} : { runs }), ...(difference === undefined ? {} : { difference: { ...difference, paired } }) }] as const];
  });
}

const valueOf = (results: ItemResults): number => estimateTogether(new Map([['it', results]]), [], { ...bootstrap, resamples: 1 }).values.get('it')?.value ?? Number.NaN;

function itemNotes(entrants: readonly Entrant[], contestants: readonly Contestant[], of: Pick<JudgedSuite, 'suite' | 'measure'>): string[] {
  const [first, ...others] = entrants;
  if (first === undefined) return [];
  const count = itemsOf(first.judged).size;
  const all = contestants.flatMap((contestant) => judgedBy(contestant, of) ?? []);
  if (all.some((judged, index) => itemsOf(judged).size > itemsOf(entrants[index]?.judged ?? judged).size)) {
    return [`Suite ${of.suite}: on the ${count} items that all have.`];
  }
  return others.filter(({ pairing }) => !pairing.paired).map(({ name, judged, pairing }) =>
    `${name} shares ${pairing.shared} of its ${itemsOf(judged).size} items of suite ${of.suite} with ${first.name}, which has ${count}: the difference is unpaired, each on its own items. --shared takes the shared items alone, paired.`,
  );
}

/** Settings that change what is measured. */
function settingsNotes(first: Contestant, other: Contestant): string[] {
  const names = ['template', 'principles', 'temperature', 'maxTokens', 'seed'] as const;
  const changed = names.filter((name) => first.settings[name] !== other.settings[name]);
  return changed.map((name) => `${first.name} was measured with ${name} ${first.settings[name]}, ${other.name} with ${other.settings[name]}.`);
}
