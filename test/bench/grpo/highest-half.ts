/**
 * A reward that is trivial but never equal for a whole group: right are the half of a group's completions whose token ids sum
 * highest. `trl_step.py` has the same rule.
 */
export function highestHalf(group: readonly (readonly number[])[]): boolean[] {
  const sums = group.map((tokens, index) => ({ index, sum: tokens.reduce((total, token) => total + token, 0) }));
  const right = new Set(sums.toSorted((a, b) => b.sum - a.sum || a.index - b.index).slice(0, Math.floor(group.length / 2)).map(({ index }) => index));
  return group.map((_, index) => right.has(index));
}
