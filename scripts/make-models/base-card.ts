import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { accuracySection } from './accuracy-section.ts';
import { finalMetrics } from './final-metrics.ts';
import { curveSvg, readCurve, thinned } from './loss-curve.ts';
import { commandSection, evaluationOf, factsTable, metricsFile, type Making } from './making.ts';
import { curveTable, metricTable, modelCard } from './model-card.ts';

const summary = [
  'What nano-judge is trained from: a small language model that has seen judgements of nanobench items by careless demonstrators, and too few of them.',
  'It is not good enough on purpose: rejective fine-tuning and reinforcement learning have something to do.',
].join(' ');

const weakness = [
  'Many demonstrations judge by looks (length, politeness) instead of by what matters, a tenth slip in the derivation, a few verdicts flip; and the training ends while the',
  'loss still falls, so that sums with carries, counts and long lists are half learnt.',
].join(' ');

/** Writes the base's card and its curve into its folder. */
export async function writeBaseCard(folder: string, making: Making): Promise<void> {
  const curve = await readCurve(metricsFile(making), 'pretrain');
  const { tokens = 0, steps = 0, minutes = 0 } = await finalMetrics(metricsFile(making), 'pretrain');
  const report = await evaluationOf(making);
  const cost = metricTable([
    ['tokens', tokens.toLocaleString('en')],
    ['steps', steps.toLocaleString('en')],
    ['minutes', minutes.toFixed(1)],
  ]);
  const lossLegend = 'Weighted cross-entropy in nats (verdicts count three times, prompts a tenth), means of stretches; the first eighth of the tokens are easier documents.';
  const card = modelCard({
    title: 'nano-base',
    summary,
    tags: ['language-model', 'judge', 'nanobench'],
    sections: [
      ['Accuracy', accuracySection(report)],
      ['Why it is weak', weakness],
      ['What it is', await factsTable(folder, 'LlamaForCausalLM')],
      ['How it was made', [await commandSection(making), cost].join('\n\n')],
      ['Loss', ['![Loss over steps](loss-curve.svg)', lossLegend, curveTable(thinned(curve, 16))].join('\n\n')],
      ['Limits', 'Made for demonstrations and tests of this project. Outside of nanobench its scores mean nothing.'],
    ],
  });
  await copyFile(join(making.run, 'evaluation', 'evaluation.json'), join(folder, 'evaluation.json'));
  await writeFile(join(folder, 'loss-curve.svg'), curveSvg(thinned(curve, 130), 'nano-base: training loss over optimiser steps'));
  await writeFile(join(folder, 'README.md'), card);
}
