import { join } from 'node:path';
import { expect, it } from 'vitest';
import { soakReport } from '../soak/report/soak-report.ts';
import { soak } from '../soak/soak.ts';
import { openSoaked } from '../soak/soaked.ts';
import { temporaryFolder } from '../support/index.ts';

const faults = ['kill-nats', 'kill-sampler', 'kill-voter'];
/** Ends it where a fault does not heal; it is over as soon as each has. */
const longestMs = 120_000;

it('some seconds of faults under load break no promise', async () => {
  await using folder = await temporaryFolder();
  await using soaked = await openSoaked({ ground: 'local', folder: join(folder.path, 'soak'), minutes: 1, training: false });
  const settings = { seed: 4, rate: 3, minutes: longestMs / 60_000 };
  const enough = new AbortController();
  const lines: string[] = [];
  const history = await soak({
    ...settings,
    ground: soaked.ground,
    durationMs: longestMs,
    timeoutMs: 30_000,
    quietMs: [1_000, 2_000],
    atOnce: 2,
    healWithinMs: 60_000,
    replays: 10,
    faults: (burst) => soaked.faults(burst).filter(({ name }) => faults.includes(name)),
    log: (line) => {
      lines.push(line);
      if (faults.every((name) => lines.some((said) => said.startsWith(`${name}: healed`)))) enough.abort();
    },
    signal: enough.signal,
  });
  const report = soakReport(history, { ...settings, ground: 'local', graceMs: 5_000, backlogMs: 15_000 });
  expect(report.violations).toEqual([]);
  expect(report.recoveries.map(({ name }) => name).toSorted()).toEqual(faults);
  expect(report.errors).toEqual({});
  expect(report.calls.replay).toBeGreaterThan(5);
});
