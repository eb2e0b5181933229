import type { EvaluationItem } from '@grm/protocol';
import { CommandError } from '../command-error.ts';
import type { JudgedSuite } from './contestant.ts';

/** A contestant's items of a suite. */
export interface Side {
  readonly name: string;
  readonly judged: JudgedSuite;
}

/** How the items of two stand to each other. */
export interface Pairing {
  /** How many both have. */
  readonly shared: number;
  /** Whether all are shared, so that the difference can be taken item by item. */
  readonly paired: boolean;
}

/** A side, and how its items stand to those of the first. */
export interface Entrant extends Side {
  readonly pairing: Pairing;
}

/** What was judged, by item; all runs of a contestant have the same. */
export const itemsOf = ({ runs: [first] }: JudgedSuite): ReadonlyMap<string, EvaluationItem> => first ?? new Map();

/** @throws {CommandError} `usage`: they share no item, or one that is not the same in both */
export function pairItems(first: Side, other: Side): Pairing {
  const [ours, theirs] = [itemsOf(first.judged), itemsOf(other.judged)];
  const shared = [...ours.keys()].filter((id) => theirs.has(id));
  const where = `of suite ${first.judged.suite}`;
  if (shared.length === 0) {
    const [[one], [another]] = [[...ours.keys()], [...theirs.keys()]];
    throw new CommandError('usage', `${first.name} and ${other.name} share no item ${where}: ${first.name} has ${one} and others, ${other.name} has ${another} and others. Measure both on the same items.`);
  }
  const changed = shared.find((id) => ours.get(id)?.content !== theirs.get(id)?.content);
  if (changed !== undefined) {
    throw new CommandError('usage', `item ${changed} ${where} is not the same in ${first.name} and ${other.name}: its text or its label has changed. Measure both on the same items.`);
  }
  return { shared: shared.length, paired: shared.length === ours.size && shared.length === theirs.size };
}

/** A suite cut down to the items that every side has. @throws {CommandError} `usage`: there is none */
export function sharedItems(sides: readonly Side[]): JudgedSuite[] {
  const [first] = sides;
  const ids = first === undefined ? [] : [...itemsOf(first.judged).keys()].filter((id) => sides.every(({ judged }) => itemsOf(judged).has(id)));
  if (ids.length === 0) throw new CommandError('usage', `no item of suite ${first?.judged.suite} is shared by ${sides.map(({ name }) => name).join(', ')}`);
  const kept = new Set(ids);
  return sides.map(({ judged }) => ({ ...judged, runs: judged.runs.map((items) => new Map([...items].filter(([id]) => kept.has(id)))) }));
}
