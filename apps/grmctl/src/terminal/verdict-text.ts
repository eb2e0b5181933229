import type { JudgeRequest, Verdict } from '@grm/protocol';
import { judgementLines } from './judgement-text.ts';
import { short } from './printable.ts';
import { table } from './table.ts';
import type { Colours } from './terminal.ts';

/** A verdict for people: the ranking, how sure it is, and every judgement if there are any. */
export function verdictText(request: JudgeRequest, verdict: Verdict, colours: Colours, best?: number): string {
  const rows = verdict.ranking.map((index, place) => [
    String(place + 1),
    `Response ${index + 1}`,
    (verdict.meanScores[index] ?? 0).toFixed(2),
    (verdict.scores[index] ?? 0).toFixed(1),
    short(request.responses[index] ?? ''),
  ]);
  const columns = [{ title: 'RANK', align: 'right' }, { title: 'RESPONSE' }, { title: 'MEAN', align: 'right' }, { title: 'SUM', align: 'right' }, { title: 'TEXT' }] as const;
  const { samples, margin, agreement, model, timings, usage } = verdict;
  const known = best === undefined ? '' : best === verdict.best ? colours.green('  right, as labelled') : colours.red(`  wrong: Response ${best + 1} is best`);
  return [
    table(columns, rows, colours),
    '',
    `${colours.bold(`Response ${verdict.best + 1}`)} is best${known}  margin ${margin.toFixed(2)}  agreement ${percent(agreement)}`,
    `${samples.drawn} of ${samples.asked} samples drawn${verdict.stoppedEarly === true ? ' (stopped early)' : ''}, ${samples.parsed} valid, ${samples.kept} counted; ${usage.completionTokens} tokens in ${timings.totalMs.toFixed(0)} ms by ${model.name}`,
    ...(verdict.judgements ?? []).flatMap((judgement, index) => ['', ...judgementLines(judgement, index, colours)]),
  ].join('\n');
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}
