export interface BackOff {
  readonly firstMs: number;
  readonly mostMs: number;
}

/** `firstMs` doubled at each failure, at most `mostMs`, less up to a quarter so that many do not come back at once. `random` in [0, 1). */
export function backOffMs({ firstMs, mostMs }: BackOff, failures: number, random: () => number): number {
  const whole = Math.min(mostMs, firstMs * 2 ** Math.min(failures, 40));
  return whole * (1 - random() / 4);
}
