import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decideReplicas, type ScalingMemory, type ScalingSettings } from './decide-replicas.ts';

const settings: ScalingSettings = { minReplicas: 1, maxReplicas: 10, targetBacklogSeconds: 5, scaleUpStabilizationSeconds: 0, scaleDownStabilizationSeconds: 300, idleSeconds: 600 };

/** Looks every ten seconds at what `backlogOf` says, and does what is decided. */
function watch(options: { seconds: number; current: number; settings?: Partial<ScalingSettings>; backlogOf: (second: number) => number | undefined; samplesPerSecond?: number }) {
  let memory: ScalingMemory | undefined;
  let current = options.current;
  const decisions = [];
  for (let second = 0; second <= options.seconds; second += 10) {
    const backlog = options.backlogOf(second);
    const decision = decideReplicas({ ...settings, ...options.settings }, { at: second * 1000, current, ...(backlog === undefined ? {} : { backlog }), samplesPerSecond: options.samplesPerSecond ?? 4 }, memory);
    memory = decision.memory;
    current = decision.replicas;
    decisions.push({ second, ...decision });
  }
  return { current, decisions, memory };
}

it.each([
  [20, 1, 'WithinTarget'],
  [21, 2, 'BacklogAboveTarget'],
  [100, 5, 'BacklogAboveTarget'],
  [5000, 10, 'BacklogAboveTarget'],
])('a backlog of %i samples at 4 a second and 5 s asks for %i replicas: %s', (backlog, replicas, reason) => {
  expect(decideReplicas(settings, { at: 0, current: 1, backlog, samplesPerSecond: 4 }, undefined)).toMatchObject({ replicas, reason });
});

it('holds when the backlog is not known, whatever it was before', () => {
  const { current, decisions } = watch({ seconds: 3000, current: 7, backlogOf: () => undefined });
  expect(current).toBe(7);
  expect(decisions.at(-1)?.reason).toBe('BacklogUnknown');
});

it('holds while no replica has been measured', () => {
  expect(decideReplicas(settings, { at: 0, current: 2, backlog: 900 }, undefined)).toMatchObject({ replicas: 2, reason: 'RateUnknown' });
});

it('scales down only after a whole window of less, and to the most that the window asked for', () => {
  const { decisions } = watch({ seconds: 900, current: 8, backlogOf: (second) => (second === 200 ? 80 : 20) });
  expect(decisions.filter(({ second }) => second < 300).every(({ replicas }) => replicas === 8)).toBe(true);
  expect(decisions.find(({ second }) => second === 300)?.replicas).toBe(4);
  expect(decisions.find(({ second }) => second === 490)?.replicas).toBe(4);
  expect(decisions.find(({ second }) => second === 510)?.replicas).toBe(1);
});

it('scales up only when the whole window asked for more', () => {
  const { decisions } = watch({ seconds: 120, current: 1, settings: { scaleUpStabilizationSeconds: 60 }, backlogOf: (second) => (second >= 20 ? 100 : 10) });
  expect(decisions.find(({ replicas }) => replicas > 1)).toMatchObject({ second: 80, replicas: 5 });
});

it('goes to zero when nothing has waited for the idle time, and comes back for the first sample', () => {
  const { decisions, memory } = watch({ seconds: 900, current: 1, settings: { minReplicas: 0 }, backlogOf: (second) => (second <= 100 ? 3 : 0) });
  expect(decisions.find(({ replicas }) => replicas === 0)).toMatchObject({ second: 700, reason: 'Idle' });
  expect(decideReplicas({ ...settings, minReplicas: 0 }, { at: 901_000, current: 0, backlog: 1 }, memory)).toMatchObject({ replicas: 1, reason: 'WakesUp' });
});

it('never wakes up for a backlog that is not known', () => {
  expect(decideReplicas({ ...settings, minReplicas: 0 }, { at: 0, current: 0 }, undefined)).toMatchObject({ replicas: 0, reason: 'BacklogUnknown' });
});

it('stays within its bounds and remembers no more than its windows, whatever it sees', () => {
  const readings = fc.array(fc.record({ backlog: fc.option(fc.nat(5000), { nil: undefined }), rate: fc.option(fc.float({ min: Math.fround(0.1), max: 50, noNaN: true }), { nil: undefined }) }), { maxLength: 80 });
  fc.assert(
    fc.property(readings, fc.integer({ min: 0, max: 5 }), fc.integer({ min: 5, max: 20 }), (seen, minReplicas, maxReplicas) => {
      const bounds = { ...settings, minReplicas, maxReplicas };
      let memory: ScalingMemory | undefined;
      let current = minReplicas;
      for (const [index, { backlog, rate }] of seen.entries()) {
        const decision = decideReplicas(bounds, { at: index * 10_000, current, ...(backlog === undefined ? {} : { backlog }), ...(rate === undefined ? {} : { samplesPerSecond: rate }) }, memory);
        ({ replicas: current, memory } = decision);
        expect(current).toBeGreaterThanOrEqual(minReplicas);
        expect(current).toBeLessThanOrEqual(maxReplicas);
        expect(memory.recommendations.length).toBeLessThanOrEqual(31);
        expect(decision.message).not.toBe('');
      }
    }),
    { seed: 1 },
  );
});
