import { describe, expect, it } from 'vitest';
import { base, big, data, estimate, gemma, type Given } from './testing/estimated.ts';
import { readArchitecture, readRun, specified } from './testing/published.ts';

describe('a run that does not fit', () => {
  const large = readRun('examples/deepseek-grm-671b/run.yaml');
  const facts = { policy: readArchitecture('examples/deepseek-grm-671b/base') };

  it('is refused with the phase, its largest part, and what would help', () => {
    const { misfits } = estimate(large, { facts, count: 128 });
    expect(misfits).toMatchObject([{ stage: 'rft', work: 'train', usable: 76e9, largest: 'moments' }]);
    const [{ needed, usable, waysToFit } = { needed: 0, usable: 0, waysToFit: {} }] = misfits;
    expect(needed).toBeGreaterThan(usable);
    expect(waysToFit.otherDevices).toContain('H200-141GB');
  });

  it('fits with each of the ways that are named, and not with a little less', () => {
    const [found] = estimate(large, { facts, count: 128 }).misfits;
    const { devices = 0, otherDevices: [other = ''] = [] } = found?.waysToFit ?? {};
    const fits = (given: Given) => estimate(large, { facts, ...given }).misfits.length === 0;
    expect(devices % 8).toBe(0);
    expect([fits({ count: devices }), fits({ count: devices - 8 }), fits({ count: 128, device: other })]).toEqual([true, false, true]);

    const logits = { facts: { policy: gemma }, device: 'L40S-48GB', count: 64, assumptions: { longestRow: 8192 } };
    const rows = big({ rft: { batchSize: 64, steps: 1 } }, { ...logits, memory: 36e9 }).misfits[0]?.waysToFit.longestRow ?? 0;
    const shorter = (longestRow: number) => big({ rft: { batchSize: 64, steps: 1 } }, { ...logits, memory: 36e9, assumptions: { longestRow } }).misfits;
    expect(rows).toBeGreaterThan(2280);
    expect([shorter(rows).length, shorter(rows + 64).length]).toEqual([0, 1]);
  });

  it('on a CPU is told how much memory it takes', () => {
    const run = specified({ base, data, stages: { grpo: {} } });
    const policy = { ...gemma, contextLength: 512 };
    const [found] = estimate(run, { facts: { policy } }).misfits;
    const memory = found?.waysToFit.memory ?? 0;
    expect(memory).toBeGreaterThan(27e9 * 40);
    expect(estimate(run, { facts: { policy }, memory }).misfits).toEqual([]);
    expect(estimate(run, { facts: { policy }, memory: memory * 0.99 }).misfits).not.toEqual([]);
  });
});
