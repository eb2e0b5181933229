/**
 * Moves labels that stand beside their points apart, so that none covers another: each gets `gap`, in their order, and together
 * they stay around where they were.
 * @param wanted where each would stand, in pixels
 * @returns where each stands, in the order given, no higher than `least` and no lower than `most` if they fit
 */
export function spreadLabels(wanted: readonly number[], { gap, least, most }: { readonly gap: number; readonly least: number; readonly most: number }): number[] {
  const order = [...wanted.keys()].toSorted((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
  const room = (place: number): number => most - gap * (order.length - 1 - place);
  const placed = new Map<number, number>();
  let before = least - gap;
  for (const [place, index] of order.entries()) {
    before = Math.max(before + gap, Math.min(wanted[index] ?? 0, room(place)));
    placed.set(index, before);
  }
  // What was pushed down goes back up halfway, from the last on.
  let after = Number.POSITIVE_INFINITY;
  for (const [place, index] of [...order.entries()].toReversed()) {
    const at = placed.get(index) ?? 0;
    const lowest = least + gap * place;
    const lifted = Math.max(lowest, Math.min(at, after - gap, (at + (wanted[index] ?? 0)) / 2));
    placed.set(index, lifted);
    after = lifted;
  }
  return wanted.map((_, index) => placed.get(index) ?? 0);
}
