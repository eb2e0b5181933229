/** `27.2B`, `871M`, `12.3k`, `512`: three digits and the field's letters. */
export function compact(value: number): string {
  const [, scale, letter] = ([[1e12, 1e12, 'T'], [1e9, 1e9, 'B'], [1e6, 1e6, 'M'], [1e4, 1e3, 'k'], [0, 1, '']] as const).find(([least]) => value >= least * 0.9995) ?? [0, 1, ''];
  return `${digits(value / scale)}${letter}`;
}

/** `1.42e20`. */
export function scientific(value: number): string {
  return value === 0 ? '-' : value.toExponential(2).replace('e+', 'e');
}

/** `85 s`, `12.0 min`, `19.2 h`, `14.2 d`. */
export function lasting(seconds: number): string {
  if (seconds < 120) return `${digits(seconds)} s`;
  if (seconds < 7200) return `${(seconds / 60).toFixed(1)} min`;
  return seconds < 100 * 3600 ? `${(seconds / 3600).toFixed(1)} h` : `${grouped(seconds / 3600)} h`;
}

/** `2,458`, `0.21`. */
export function grouped(value: number): string {
  return value < 100 ? digits(value) : Math.round(value).toLocaleString('en-US');
}

/** `39.2 %`. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** `80 GB`, `376.8 kB`; decimal, as data sheets have it. */
export function bytesText(bytes: number): string {
  const [, scale, unit] = ([[1e12, 1e12, 'TB'], [1e9, 1e9, 'GB'], [1e6, 1e6, 'MB'], [1e3, 1e3, 'kB'], [0, 1, 'bytes']] as const).find(([least]) => bytes >= least) ?? [0, 1, 'bytes'];
  return `${digits(bytes / scale)} ${unit}`;
}

function digits(value: number): string {
  if (Number.isInteger(value) || value >= 100) return value.toFixed(0);
  if (value >= 10) return value.toFixed(1);
  return value >= 0.1 ? value.toFixed(2) : value.toFixed(3);
}
