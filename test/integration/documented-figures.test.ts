import { readFileSync } from 'node:fs';
import { EvaluationReport } from '@grm/protocol';
import { expect, it } from 'vitest';
import { repositoryFile } from '../support/index.ts';

const textOf = (path: string): string => readFileSync(repositoryFile(path), 'utf8');

/** `78.1 [75.6, 80.5]` of a method on nanobench, as the model's own evaluation has it. */
function figure(model: string, method: string): string {
  const report = EvaluationReport.parse(JSON.parse(textOf(`models/${model}/evaluation.json`)));
  const row = report.rows.find((of) => of.suite === 'nanobench' && of.method === method && of.category === undefined);
  if (row === undefined) return '';
  const [value, low, high] = [row.accuracy, row.low, row.high].map((share) => (100 * share).toFixed(1));
  return `${value} [${low}, ${high}]`;
}

it("README's figures of the small models are those of their evaluations", () => {
  const readme = textOf('README.md');
  const methods = /\| accuracy, % \| (.*) \|/u.exec(readme)?.[1]?.split(' | ') ?? [];
  expect(methods.length).toBeGreaterThan(2);
  for (const model of ['nano-base', 'nano-judge']) {
    const cells = new RegExp(`\\| \`models/${model}\` \\| (.*) \\|`, 'u').exec(readme)?.[1]?.split(' | ').map((cell) => cell.trim());
    expect(cells).toEqual(methods.map((method) => figure(model, method)));
  }
});
