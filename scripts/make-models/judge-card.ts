import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { accuracySection } from './accuracy-section.ts';
import { finalMetrics } from './final-metrics.ts';
import { commandSection, evaluationOf, factsTable, metricsFile, type Making } from './making.ts';
import { metricTable, modelCard } from './model-card.ts';

const summary = [
  'A generative reward model small enough to train on a laptop: it reads a question and one to four answers, writes criteria, checks each answer',
  "and scores it from 1 to 10, in the compact layout of this project's prompts. It knows nanobench's closed world and nothing else.",
  'Trained from nano-base by rejective fine-tuning (rft) and online reinforcement learning with a rule-based reward (grpo).',
].join(' ');

const shown = (value: number): string => (Number.isInteger(value) ? value.toLocaleString('en') : value.toPrecision(3));

/** Writes the judge's card, its figures and their plot into its folder. */
export async function writeJudgeCard(folder: string, making: Making): Promise<void> {
  const report = await evaluationOf(making);
  const stages = await Promise.all(['rft', 'grpo'].map(async (stage) => [stage, await finalMetrics(metricsFile(making), stage)] as const));
  const rows = stages.flatMap(([stage, metrics]) => Object.entries(metrics).map(([name, value]) => [`${stage}: ${name}`, shown(value)] as const));
  const card = modelCard({
    title: 'nano-judge',
    summary,
    tags: ['reward-model', 'judge', 'nanobench'],
    sections: [
      ['Accuracy', [accuracySection(report), '![Accuracy over samples](scaling.svg)'].join('\n\n')],
      ['What it is', await factsTable(folder, 'LlamaForCausalLM')],
      ['How it was made', [await commandSection(making), metricTable(rows)].join('\n\n')],
      ['Limits', 'Made for demonstrations and tests of this project. Outside of nanobench its scores mean nothing.'],
    ],
  });
  for (const file of ['evaluation.json', 'scaling.svg']) await copyFile(join(making.run, 'evaluation', file), join(folder, file));
  await writeFile(join(folder, 'README.md'), card);
}
