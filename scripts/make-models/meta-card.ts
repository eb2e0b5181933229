import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finalMetrics } from './final-metrics.ts';
import { curveSvg, readCurve, thinned } from './loss-curve.ts';
import { commandSection, factsTable, metricsFile, type Making } from './making.ts';
import { curveTable, metricTable, modelCard } from './model-card.ts';

const summary = [
  'A meta reward model: it reads a question, answers and a judgement by nano-judge and gives one logit for how likely the judgement is right',
  '(scores the best answer strictly highest). A scalar head (`score.weight`) on the backbone of nano-judge, read at the last token.',
].join(' ');

const qualityLegend = [
  'On judgements of dev items, none of which it was trained on; `withinItemAreaUnderCurve` compares only judgements of one item,',
  "which is what a vote needs. What it brings to a vote is on nano-judge's card.",
].join(' ');

/** Writes the meta RM's card and its curve into its folder. */
export async function writeMetaCard(folder: string, making: Making): Promise<void> {
  const curve = await readCurve(metricsFile(making), 'metaRM');
  const metrics = Object.entries(await finalMetrics(metricsFile(making), 'metaRM'));
  const quality = metricTable(metrics.map(([name, value]) => [name, Number.isInteger(value) ? value.toLocaleString('en') : value.toFixed(3)]));
  const card = modelCard({
    title: 'nano-meta-rm',
    summary,
    tags: ['reward-model', 'meta-rm', 'nanobench'],
    sections: [
      ['Quality', [qualityLegend, quality].join('\n\n')],
      ['What it is', await factsTable(folder, 'LlamaForSequenceClassification with one label')],
      ['How it was made', await commandSection(making)],
      ['Loss', ['![Loss over steps](loss-curve.svg)', 'Binary cross-entropy in nats, means of stretches.', curveTable(thinned(curve, 12))].join('\n\n')],
      ['Limits', 'It knows judgements of nano-judge about nanobench items and nothing else.'],
    ],
  });
  await writeFile(join(folder, 'loss-curve.svg'), curveSvg(thinned(curve, 130), 'nano-meta-rm: training loss over optimiser steps'));
  await writeFile(join(folder, 'README.md'), card);
}
