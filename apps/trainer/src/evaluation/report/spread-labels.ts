export interface LabelRoom {
  /** Between two labels. */
  readonly gap: number;
  readonly least: number;
  readonly most: number;
}

/**
 * Moves labels that stand beside their points apart, so that none covers another: `gap` apart, in the order of their points, and as
 * far above where they would stand as below.
 * @param wanted where each would stand, in pixels
 * @returns where each stands, in the order given; within the bounds if they fit
 */
export function spreadLabels(wanted: readonly number[], { gap, least, most }: LabelRoom): number[] {
  const order = [...wanted.keys()].toSorted((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
  const sorted = order.map((index) => wanted[index] ?? 0);
  const down = pushed(sorted, { gap, least, most });
  const up = pushed(sorted.toReversed().map((at) => -at), { gap, least: -most, most: -least }).toReversed();
  const placed = new Map(order.map((index, place) => [index, ((down[place] ?? 0) - (up[place] ?? 0)) / 2]));
  return wanted.map((at, index) => placed.get(index) ?? at);
}

/** Each pushed on by the one before, all with room for those after. @param sorted ascending */
function pushed(sorted: readonly number[], { gap, least, most }: LabelRoom): number[] {
  const places: number[] = [];
  for (const [place, at] of sorted.entries()) {
    const before = places.at(-1) ?? least - gap;
    places.push(Math.max(before + gap, Math.min(at, most - gap * (sorted.length - 1 - place))));
  }
  return places;
}
