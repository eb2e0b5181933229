import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { until } from '../testing/until.ts';
import { ProcessPool } from './process-pool.ts';
import type { ProcessSpec } from './process-spec.ts';

it('whoever writes down its statuses at each change has written last what is left, and nothing of a process that was taken away', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'grm-pool-'));
  const written: string[][] = [];
  const write = (): void => void written.push(pool.statuses.map(({ name, state }) => `${name} ${state}`));
  const pool: ProcessPool = new ProcessPool({
    backOff: { firstMs: 20, longestMs: 50, recoveredAfterMs: 60_000 },
    inherited: process.env,
    logOf: (name) => join(folder, `${name}.log`),
    changed: write,
    removed: write,
  });
  onTestFinished(async () => {
    await pool.close(() => 0);
    await rm(folder, { recursive: true, force: true });
  });
  const spec = (name: string): ProcessSpec => ({
    name,
    owner: 'service',
    command: [process.execPath, '-e', 'setInterval(() => {}, 1000)'],
    folder,
    environment: {},
    files: [],
    restart: { policy: 'Always' },
    graceMs: 5_000,
  });
  await pool.set('service', [spec('sampler-0'), spec('sampler-1')]);
  await until('both run', () => (written.at(-1)?.join() === 'sampler-0 ready,sampler-1 ready' ? true : undefined));
  await pool.set('service', [spec('sampler-0')]);
  expect(written.at(-1)).toEqual(['sampler-0 ready']);
});
