import type { Judgement } from '@grm/protocol';
import { printable } from './printable.ts';
import type { Colours } from './terminal.ts';

/** One judgement in full, for people. */
export function judgementLines(judgement: Judgement, index: number, colours: Colours): string[] {
  const { criteria, analysis, scores, metaScore, kept, seed } = judgement;
  const sound = metaScore === undefined ? '' : `  sound with probability ${metaScore.toFixed(2)}`;
  return [
    `${colours.bold(`Judgement ${index + 1}`)}  seed ${seed}${sound}${kept ? '' : colours.yellow('  not counted')}`,
    `  Criteria: ${criteria.map(({ name, weight }) => `${name} ${weight}`).join(', ') || 'none'}`,
    ...analysis.trim().split('\n').map((line) => `  ${printable(line)}`),
    `  Scores: ${scores.map((score, response) => `Response ${response + 1}: ${score}`).join(', ')}`,
  ];
}
