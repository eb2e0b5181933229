import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import { watchedAfter, type WatchedRun } from '../run/watched-run.ts';
import { scriptedEvaluation, scriptedProgress } from '../testing/scripted-progress.ts';
import { FactLines, runFacts } from './run-facts.ts';
import { runView } from './run-view.ts';
import { sparkline } from './sparkline.ts';

const colours = picocolors.createColors(false);
const watchedOf = (...values: readonly ReturnType<typeof scriptedProgress>[]): WatchedRun => {
  const [watched] = values.reduce<WatchedRun[]>(([before], progress) => [watchedAfter(before, { namespace: 'default', run: 'nano', progress, lastSignMs: 0, connected: true })], []);
  if (watched === undefined) throw new Error('no value');
  return watched;
};

describe('the view of a run', () => {
  it('shows each stage with bar, time, key metrics and curve, and what remains, was used and went wrong', () => {
    const watched = watchedOf(...[10, 11, 12].map((step) => scriptedProgress({ step })));
    expect(runView(watched, { nowMs: 1_000, colours, columns: 80 }).join('\n')).toBe(`\
nano  Running

STAGE       STATE     PROGRESS                        TIME    METRICS                                CURVE
rft         Complete  ████████████████████ 1200/1200  12 min  loss 0.6123, kept 4,321
grpo        Running   ████░░░░░░░░░░░░░░░░ 12/60      2 min   reward 0.6, kl 0.01235, liveGroups 20  ▁▅█
evaluation  Pending

about 4 min left in grpo, then evaluation
1,530 tokens/s, 12.3M tokens, 1.235 CPU hours
checkpoint: grpo step 10, verified, written 42 s ago
KLWithinLimit is False (RolledBack)

1970-01-01 00:13:10Z grpo: WARNING KLRollback: KL was above 0.5 nats a token for
  5 steps up to step 20 (last: 0.612); back at step 10`);
  });

  it('says that the trainer may be lost once it has missed three signs of life, by its own measure', () => {
    const lost = (nowMs: number, changes = {}): string | undefined =>
      runView(watchedOf(scriptedProgress(changes)), { nowMs, colours }).find((line) => line.includes('sign of life'));
    expect(lost(14_000)).toBeUndefined();
    expect(lost(23_000)).toBe('no sign of life for 23 s (expected every 5 s): the trainer may be lost');
    expect(lost(23_000, { heartbeatSeconds: 60 })).toBeUndefined();
    expect(lost(23_000, { phase: 'Suspended' })).toBeUndefined();
  });

  it('does not suspect the trainer while the connection to NATS is down', () => {
    const lines = runView({ ...watchedOf(scriptedProgress()), connected: false }, { nowMs: 60_000, colours }).join('\n');
    expect(lines).toContain('the connection to NATS is down');
    expect(lines).not.toContain('sign of life');
  });

  it('ends with how the run ended and how good the judge is', () => {
    const lines = runView(watchedOf(scriptedProgress({ phase: 'Failed', message: 'grpo diverged', evaluation: scriptedEvaluation })), { nowMs: 0, colours });
    expect(lines.slice(0, 2)).toEqual(['nano  Failed', 'grpo diverged']);
    expect(lines.join('\n')).toMatch(/grpo +Failed +████/u);
    expect(lines.slice(-3)).toEqual([
      'SUITE      METHOD  ACCURACY        95 %         ITEMS',
      'nanobench  greedy  71.2            68.4 - 74.0  1000',
      'single     vote@8  81.3 (ROC-AUC)  78.4 - 84.0  500',
    ]);
  });

  it('lets no control character reach the terminal', () => {
    const notices = [{ time: '1970-01-01T00:00:00.000Z', type: 'Normal' as const, reason: 'X', message: 'a\u001B[2Jb' }];
    expect(runView(watchedOf(scriptedProgress({ message: '\u001B[31mred', notices })), { nowMs: 0, colours }).join('')).not.toContain('\u001B');
  });
});

describe('a curve one line high', () => {
  it.each([
    ['goes from the lowest to the highest value', [0, 1, 2, 7], 8, '▁▂▃█'],
    ['shows the newest', [9, 9, 0, 1], 2, '▁█'],
    ['is flat where nothing changes', [3, 3, 3], 8, '▁▁▁'],
  ])('%s', (_, values, width, expected) => {
    expect(sparkline(values, width)).toBe(expected);
  });
});

describe('a run in lines', () => {
  const facts = (changes: Parameters<typeof scriptedProgress>[0], nowMs = 0) => runFacts(watchedOf(scriptedProgress(changes)), nowMs);

  it('says at once what is new, and now and then what goes on', () => {
    const lines = new FactLines();
    expect(lines.next(facts({ notices: [], conditions: [] }), 0)).toEqual([
      'nano: Running',
      'rft: Complete 1200/1200, loss 0.6123, kept 4,321, 12 min',
      'grpo: Running 12/60, reward 0.6, kl 0.01235, liveGroups 20, 2 min, about 4 min left in grpo, then evaluation',
      'checkpoint: grpo step 10, verified',
    ]);
    expect(lines.next(facts({ step: 13, notices: [], conditions: [] }), 5_000)).toEqual([]);
    expect(lines.next(facts({ step: 14, notices: [], conditions: [] }), 10_000)).toEqual([expect.stringContaining('grpo: Running 14/60')]);
    expect(lines.next(facts({ step: 14 }), 11_000)).toEqual(['KLWithinLimit is False (RolledBack)', expect.stringContaining('WARNING KLRollback')]);
    expect(lines.next(facts({ step: 14, phase: 'Suspended' }), 12_000)).toEqual(['nano: Suspended', expect.stringContaining('grpo: Suspended 14/60')]);
  });

  it('says again what went away and came back', () => {
    const lines = new FactLines();
    const silent = (nowMs: number): string[] => lines.next(facts({}, nowMs), nowMs).filter((line) => line.startsWith('no sign'));
    expect(silent(20_000)).toEqual(['no sign of life for 20 s (expected every 5 s): the trainer may be lost']);
    expect(silent(21_000)).toEqual([]);
    expect(silent(31_000)).toEqual([expect.stringContaining('for 31 s')]);
    lines.next(facts({}, 0), 32_000);
    expect(silent(33_000)).toEqual([expect.stringContaining('for 33 s')]);
  });
});
