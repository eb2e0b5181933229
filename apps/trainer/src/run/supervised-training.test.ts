import { beforeAll, describe, expect, it } from 'vitest';
import { judgementFor, scriptedRollouts } from '../testing/scripted-rollouts.ts';
import { tinyBase } from '../testing/tiny-base.ts';
import { runFolder, tinyRun, trained } from '../testing/tiny-run.ts';
import type { RunEvent } from '../progress/run-event.ts';

let base: string;
beforeAll(async () => {
  base = await tinyBase();
}, 120_000);

const run = (items: number) =>
  tinyRun(`base: {volume: {path: ${base}}}\n  checkpoint: {everySteps: 2}\n  stages: {rft: {items: ${items}, batchSize: 8, steps: 6}}`);
const rollouts = () => Promise.resolve(scriptedRollouts(({ item, order, seed }) => judgementFor(item.hint ?? seed % order.length, { order })));
const advances = (events: readonly RunEvent[]) => events.flatMap((event) => (event.type === 'stage-advanced' && 'loss' in event.metrics ? [event.step] : []));

describe('supervised steps', () => {
  it('go on from the newest checkpoint', async () => {
    const folder = await runFolder();
    const first = await trained(run(20), folder, { openRollouts: rollouts }, (event, stop) => {
      if (event.type === 'checkpoint-saved' && event.step === 4) stop.abort();
    });
    expect(first.outcome).toBe('Suspended');
    const second = await trained(run(20), folder, { openRollouts: rollouts });
    expect(second.outcome).toBe('Complete');
    expect(second.events.filter((event) => event.type === 'stage-started').at(-1)).toMatchObject({ steps: 6 });
    expect(advances(second.events)).toEqual([5, 6]);
  });
});
