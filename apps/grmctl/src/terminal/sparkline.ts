const HEIGHTS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** The newest values as a curve one line high, from the lowest to the highest of them. */
export function sparkline(values: readonly number[], width: number): string {
  const shown = values.slice(-width);
  const lowest = Math.min(...shown);
  const range = Math.max(...shown) - lowest;
  return shown.map((value) => HEIGHTS[range === 0 ? 0 : Math.round(((value - lowest) / range) * (HEIGHTS.length - 1))] ?? '').join('');
}
