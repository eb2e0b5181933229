import { estimateTogether, unpairedDifference, type Estimate, type ItemResults } from '@grm/preferences';
import type { JudgedSuite } from './contestant.ts';
import { judgedIds, methodsOf, resultsOf } from './judged-results.ts';
import { itemsOf, type Entrant } from './pair-items.ts';

/** How a contestant fares by one method. */
export interface ComparedCell extends Estimate {
  readonly items: number;
  /** Of each run, where there are several. */
  readonly runs?: readonly number[];
  /** The contestant less the first, of all but the first. */
  readonly difference?: Estimate & { readonly paired: boolean };
}

const bootstrap = { seed: 1 };

/** One method's items of both sides, those of one category where one is asked for. */
interface MethodItems {
  readonly method: string;
  readonly ids: readonly string[];
  readonly baseIds: readonly string[];
  readonly paired: boolean;
}

/** How an entrant fares by each method. Methods that judged the same items are resampled together, which is what takes the time. */
export function columnOf(ours: JudgedSuite, { judged, pairing }: Entrant, methods: readonly string[], category: string | undefined): Map<string, ComparedCell> {
  const wanted = (suite: JudgedSuite, method: string): string[] =>
    judgedIds(suite, method, [...itemsOf(suite).keys()]).filter((id) => category === undefined || itemsOf(suite).get(id)?.category === category);
  const known = new Set(methodsOf(judged));
  const all = methods.filter((method) => known.has(method)).map((method): MethodItems => {
    const baseIds = wanted(ours, method);
    const ids = wanted(judged, method);
    const own = new Set(ids);
    const same = pairing.paired && ids.length === baseIds.length && baseIds.every((id) => own.has(id));
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
    // NaN: the ROC-AUC of single responses with one label.
    if (value === undefined || Number.isNaN(value.value)) return [];
    const unpaired = (): Estimate | undefined =>
      baseIds.length === 0 ? undefined : unpairedDifference(resultsOf(judged, method, ids), resultsOf(ours, method, baseIds), bootstrap);
    const difference = paired ? differences[index] : unpaired();
    const runs = judged.runs.length === 1 ? undefined : judged.runs.map((run) => valueOf(resultsOf({ ...judged, runs: [run] }, method, ids)));
    return [[method, { ...value, items: ids.length, ...(runs === undefined ? {} : { runs }), ...(difference === undefined ? {} : { difference: { ...difference, paired } }) }] as const];
  });
}

const valueOf = (results: ItemResults): number => estimateTogether(new Map([['it', results]]), [], { ...bootstrap, resamples: 1 }).values.get('it')?.value ?? Number.NaN;
