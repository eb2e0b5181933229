const units: Readonly<Record<string, number>> = { n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 };

/** Relative; far above what a binary fraction rounds, far below what anybody asks for. */
const ROUNDING = 1e-12;

/** Below 0, 0 or above 0 as one Kubernetes quantity is less than, the same as or more than the other; undefined where one is none. `1` and `1000m` are the same. */
export function compareQuantities(one: string, other: string): number | undefined {
  const [first, second] = [amountOf(one), amountOf(other)];
  if (first === undefined || second === undefined) return undefined;
  return Math.abs(first - second) <= ROUNDING * Math.abs(first) ? 0 : first - second;
}

function amountOf(value: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([a-zA-Z]{0,2})$/.exec(value);
  const unit = units[match?.[2] ?? '?'];
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit;
}
