import { parse } from 'yaml';

export interface DocumentedValue {
  /** `operator.api.qps`. */
  readonly path: string;
  /** What the comment above it says. */
  readonly description: string;
  /** As JSON, on one line. */
  readonly default: string;
}

/** Values that stand below a comment starting with `# --`, in their order. What is below a documented value belongs to it. */
export function documentedValues(text: string): DocumentedValue[] {
  const values: unknown = parse(text);
  const documented: DocumentedValue[] = [];
  const above: { readonly indent: number; readonly key: string }[] = [];
  let description = '';
  for (const line of text.split('\n')) {
    description = /^ *# -- (.*)$/u.exec(line)?.[1] ?? description;
    const [, spaces, key] = /^( *)([A-Za-z][A-Za-z0-9]*):/u.exec(line) ?? [];
    if (spaces === undefined || key === undefined) continue;
    while (above.length > 0 && (above.at(-1)?.indent ?? 0) >= spaces.length) above.pop();
    above.push({ indent: spaces.length, key });
    if (description === '') continue;
    const path = above.map((place) => place.key);
    documented.push({ path: path.join('.'), description, default: JSON.stringify(valueAt(values, path)) });
    description = '';
  }
  return documented;
}

export function valuesTable(values: readonly DocumentedValue[]): string {
  const rows = values.map((value) => `| \`${value.path}\` | ${value.description.replaceAll('|', '\\|')} | \`${value.default}\` |`);
  return ['| value | what | default |', '|---|---|---|', ...rows].join('\n');
}

/** Paths of everything that is no further map, or an empty one. */
export function leafPaths(value: unknown, path = ''): string[] {
  if (!isRecord(value) || Object.keys(value).length === 0) return [path];
  return Object.entries(value).flatMap(([key, below]) => leafPaths(below, path === '' ? key : `${path}.${key}`));
}

function valueAt(values: unknown, path: readonly string[]): unknown {
  return path.reduce((value, key) => (isRecord(value) ? value[key] : undefined), values);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
