import type { GateReport } from '@grm/protocol';
import { table } from './table.ts';
import type { Colours } from './terminal.ts';

/** What a gate found, for people. */
export function gateText(revision: string, { suite, items, accuracy, low, high, agreement, picks, error }: GateReport, colours: Colours): string {
  const silent = picks.filter((pick) => pick < 0).length;
  const rows = [
    ['revision', revision],
    ['suite', `${suite}, ${items} items`],
    ['accuracy', `${percent(accuracy)} % [${percent(low)}, ${percent(high)}]`],
    ...(silent === 0 ? [] : [['no verdict', `${silent} items`]]),
    ...(agreement === undefined ? [] : [['agreement', `${percent(agreement.value)} % with ${agreement.with}`]]),
    ...(error === undefined ? [] : [['error', colours.red(error)]]),
  ];
  return table([{ title: 'GATE' }, { title: '' }], rows, colours);
}

function percent(share: number): string {
  return (share * 100).toFixed(1);
}
