import type { PreferenceItem } from '../preference-item.ts';
import type { Random } from '../random/random.ts';
import type { Kind, NanobenchCategory } from './kind.ts';
import type { Problem } from './problem.ts';
import { contentHash, splitOf, type NanobenchSplit } from './split.ts';

/** A preference item that nanobench made, with what a demonstration of judging it needs. */
export interface NanobenchProblemItem extends PreferenceItem {
  readonly category: NanobenchCategory;
  readonly kind: Kind;
  readonly problem: Problem;
  /** `positions[i]` is the index into the problem's responses (right one first) of `responses[i]`. */
  readonly positions: readonly number[];
}

/** Two to four responses, one of them best. */
export interface NanobenchItem extends NanobenchProblemItem {
  readonly best: number;
}

/** One response that is right or not. */
export interface NanobenchSingleItem extends NanobenchProblemItem {
  readonly best: null;
  readonly label: 0 | 1;
}

/** What decides an item's split. */
const heldOutContent = (kind: Kind, problem: Problem): string =>
  kind.heldOut === 'question'
    ? `${kind.name}|${problem.question}`
    : [kind.name, problem.question, ...problem.responses.toSorted()].join('|');

/** The split of a problem of this kind. */
export const splitOfProblem = (kind: Kind, problem: Problem): NanobenchSplit => splitOf(heldOutContent(kind, problem), kind.heldOutBuckets);

/** Draws problems of one kind until one falls into the split. */
export function drawProblem(kind: Kind, split: NanobenchSplit, random: Random): Problem {
  for (let draws = 0; draws < 10_000; draws += 1) {
    const count = random.weighted([[2, 0.6], [3, 0.25], [4, 0.15]]);
    const problem = kind.draw(random, count);
    const { responses } = problem;
    if (responses.length < 2 || new Set(responses).size < responses.length) continue;
    if (splitOfProblem(kind, problem) === split) return problem;
  }
  throw new Error(`10,000 draws of nanobench kind '${kind.name}' gave no ${split} item: its content is too small to split`);
}

/** Shuffles a problem's responses into an item. */
export function itemOf(kind: Kind, problem: Problem, random: Random): NanobenchItem {
  const positions = random.shuffle(problem.responses.map((_, index) => index));
  const content = [kind.name, problem.query, ...problem.responses.toSorted()].join('|');
  return {
    id: `${kind.name}-${contentHash(content).slice(0, 12)}`,
    category: kind.category,
    kind,
    conversation: [{ role: 'user', content: problem.query }],
    responses: positions.map((position) => problem.responses[position] ?? ''),
    best: positions.indexOf(0),
    problem,
    positions,
  };
}

/** One response of an item, right half of the time. */
export function singleResponseItem(item: NanobenchItem, random: Random): NanobenchSingleItem {
  const wrong = item.responses.flatMap((_, index) => (index === item.best ? [] : [index]));
  const label = random.chance(0.5) ? 1 : 0;
  const chosen = label === 1 ? item.best : random.pick(wrong);
  const response = item.responses[chosen] ?? '';
  const content = [item.kind.name, item.problem.query, response].join('|');
  return {
    ...item,
    id: `${item.kind.name}-single-${contentHash(content).slice(0, 12)}`,
    responses: [response],
    positions: [item.positions[chosen] ?? -1],
    best: null,
    label,
  };
}
