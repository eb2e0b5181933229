import { judgedBy, type Contestant, type JudgedSuite } from './contestant.ts';
import { itemsOf, type Entrant } from './pair-items.ts';

/** Who was not measured, and on which items the others were. */
export function itemNotes(entrants: readonly Entrant[], contestants: readonly Contestant[], of: Pick<JudgedSuite, 'suite' | 'measure'>): string[] {
  const [first, ...others] = entrants;
  if (first === undefined) return [];
  const absent = contestants
    .filter(({ name }) => entrants.every((entrant) => entrant.name !== name))
    .map(({ name }) => `${name} was not measured on ${of.measure === 'rocAuc' ? 'the single responses of ' : ''}suite ${of.suite}.`);
  const count = itemsOf(first.judged).size;
  const all = contestants.flatMap((contestant) => judgedBy(contestant, of) ?? []);
  if (all.some((judged, index) => itemsOf(judged).size > itemsOf(entrants[index]?.judged ?? judged).size)) {
    return [...absent, `Suite ${of.suite}: on the ${count} items that all have.`];
  }
  const unpaired = others.filter(({ pairing }) => !pairing.paired).map(({ name, judged, pairing }) =>
    `${name} shares ${pairing.shared} of its ${itemsOf(judged).size} items of suite ${of.suite} with ${first.name}, which has ${count}: the difference is unpaired, each on its own items. --shared takes the shared items alone, paired.`,
  );
  return [...absent, ...unpaired];
}

/** Settings that change what is measured. */
export function settingsNotes(first: Contestant, other: Contestant): string[] {
  const names = ['template', 'principles', 'temperature', 'maxTokens', 'seed'] as const;
  const changed = names.filter((name) => first.settings[name] !== other.settings[name]);
  return changed.map((name) => `${first.name} was measured with ${name} ${first.settings[name]}, ${other.name} with ${other.settings[name]}.`);
}
