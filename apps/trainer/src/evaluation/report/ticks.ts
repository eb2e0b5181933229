/** Round values of an axis, about `count` of them, the first at or below `low` and the last at or above `high`. */
export function ticksOf(low: number, high: number, count: number): number[] {
  const rough = Math.max(high - low, 1e-6) / Math.max(1, count - 1);
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((multiple) => multiple * magnitude >= rough) ?? 10) * magnitude;
  const [first, last] = [Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9)];
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}
