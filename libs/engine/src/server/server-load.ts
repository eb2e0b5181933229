import { metricNames, type MetricNames, type ServerDialect } from './server-dialect.ts';

/** How busy a server is, as its own metrics tell; a field is absent where they do not. */
export type ServerLoad = { readonly [Key in keyof MetricNames]?: number };

/** A line of Prometheus' text format: a name, perhaps labels, a value, perhaps a time. */
const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{.*\})?\s+(\S+)(?:\s+-?\d+)?\s*$/;

/** Reads what a server says in `/metrics`: sums over labels (one engine each, where there are several), except for shares, of which the largest counts. */
export function parseServerLoad(text: string, dialect: ServerDialect): ServerLoad {
  const values = new Map<string, number[]>();
  for (const line of text.split('\n')) {
    const [, name, value] = sample.exec(line) ?? [];
    const number = Number(value);
    if (name === undefined || !Number.isFinite(number)) continue;
    const before = values.get(name);
    if (before === undefined) values.set(name, [number]);
    else before.push(number);
  }
  const found = (Object.entries(metricNames[dialect]) as [keyof MetricNames, readonly string[]][]).flatMap(([key, names]) => {
    const all = names.map((name) => values.get(name)).find((several) => several !== undefined);
    return all === undefined ? [] : [[key, key === 'cacheUsage' ? Math.max(...all) : all.reduce((sum, one) => sum + one, 0)] as const];
  });
  return Object.fromEntries(found);
}
