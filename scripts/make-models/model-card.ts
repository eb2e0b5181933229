import type { CurvePoint } from './loss-curve.ts';

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
/** A Markdown table. */
export const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

export function curveTable(points: readonly CurvePoint[]): string {
  const counted = points.some(({ tokens }) => tokens !== undefined);
  return table(
    ['step', ...(counted ? ['tokens'] : []), 'loss'],
    points.map(({ step, tokens, loss }) => [step, ...(counted ? [`${((tokens ?? 0) / 1e6).toFixed(2)} M`] : []), loss.toFixed(3)]),
  );
}

export const metricTable = (metrics: readonly (readonly [name: string, value: string])[]): string => table(['measure', 'value'], metrics);

/** A model's card: Hugging Face's front matter, then the sections. */
export function modelCard(options: {
  readonly title: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly sections: readonly (readonly [heading: string, body: string])[];
}): string {
  const { title, summary, tags, sections } = options;
  const front = ['---', 'license: apache-2.0', 'library_name: transformers', 'language: en', `tags: [${tags.join(', ')}]`, '---'];
  const body = sections.flatMap(([heading, text]) => [`## ${heading}`, '', text, '']);
  return [...front, '', `# ${title}`, '', summary, '', ...body].join('\n');
}
