import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RolloutSimulation, type SimulationOptions } from './rollout-simulation.fixture.ts';

const settings = { maxSurge: 0, maxUnavailable: 1, progressDeadlineSeconds: 600 };
const gated = { ...settings, gate: { deadlineSeconds: 900 } };

const simulate = (options: Partial<SimulationOptions> = {}) => new RolloutSimulation({ size: { sampler: 3 }, settings, ...options });

/** A whole roll-out as a log that can be read: one line a reconcile. */
const story = (simulation: RolloutSimulation): string => `${simulation.log.join('\n')}\n`;

it('plays a first start, and a replacement one by one in place', async () => {
  const simulation = simulate();
  simulation.run('r1');
  simulation.run('r2');
  await expect(story(simulation)).toMatchFileSnapshot('golden/replaced-in-place.txt');
});

it('plays a replacement behind a gate, with a meta RM', async () => {
  const simulation = simulate({ size: { sampler: 4, metaRM: 1 }, settings: gated });
  simulation.run('r1');
  simulation.run('r2');
  await expect(story(simulation)).toMatchFileSnapshot('golden/gated.txt');
});

it('plays a candidate that the gate refuses: it goes, and is not tried again', async () => {
  const simulation = simulate({ settings: gated, gate: (revision) => (revision === 'r2' ? 'fail' : 'pass') });
  simulation.run('r1');
  const step = simulation.run('r2');
  expect(step).toMatchObject({ phase: 'Stable', serving: 'r1', hold: { reason: 'GateFailed' }, failed: { revision: 'r2', reason: 'GateFailed' } });
  await expect(story(simulation)).toMatchFileSnapshot('golden/gate-failed.txt');
});

it('plays a candidate that crashes: rolled back after the deadline', async () => {
  const simulation = simulate({ fate: (revision) => (revision === 'r2' ? { reason: 'CrashLoop', message: 'exit code 1' } : undefined) });
  simulation.run('r1');
  simulation.run('r2');
  expect(simulation.failed).toMatchObject({ revision: 'r2', reason: 'CrashLoop' });
  expect(simulation.ready()).toBe(3);
  await expect(story(simulation)).toMatchFileSnapshot('golden/rolled-back.txt');
});

it('waits for GPUs for as long as it takes, with the old revision serving, and goes on when there are some', () => {
  const scarce = { gpus: 3 };
  const live = new RolloutSimulation({
    size: { sampler: 3 },
    settings: { ...settings, maxSurge: 1, maxUnavailable: 0 },
    get gpus() {
      return scarce.gpus;
    },
  });
  live.run('r1');
  for (let minute = 0; minute < 60; minute++) live.tick('r2');
  expect(live.step).toMatchObject({ phase: 'Starting', voter: 'r1', hold: { reason: 'InsufficientGPU' } });
  expect(live.revisions.get('r1')?.sampler.ready).toBe(3);
  scarce.gpus = 4;
  expect(live.run('r2')).toMatchObject({ phase: 'Stable', serving: 'r2' });
});

it('gives up a gate that says nothing until its deadline', () => {
  const simulation = simulate({ settings: gated, gate: (revision) => (revision === 'r2' ? 'silent' : 'pass') });
  simulation.run('r1');
  simulation.run('r2');
  expect(simulation.failed).toMatchObject({ revision: 'r2', reason: 'GateFailed', message: expect.stringContaining('no result within 900 s') });
});

it('tries a revision again that was given up when the settings of the roll-out have changed', () => {
  const fate = new Map([['r2', 'fail' as const]]);
  const simulation = simulate({ settings: gated, gate: (revision) => fate.get(revision) ?? 'pass' });
  simulation.run('r1');
  simulation.run('r2');
  fate.clear();
  const step = simulation.tick('r2', 'others');
  expect(step.failed).toBeUndefined();
  expect(step.candidate).toBe('r2');
});

it('drops a candidate for a newer one, and goes back to the serving one when that is asked for again', () => {
  const simulation = simulate();
  simulation.run('r1');
  simulation.tick('r2');
  simulation.tick('r2');
  const step = simulation.run('r3');
  expect(step).toMatchObject({ phase: 'Stable', serving: 'r3' });
  expect([...simulation.revisions.keys()]).toEqual(['r3']);
  simulation.tick('r4');
  expect(simulation.run('r3')).toMatchObject({ phase: 'Stable', serving: 'r3' });
  expect([...simulation.revisions.keys()]).toEqual(['r3']);
});

it('starts a new revision with one worker where the service is scaled to zero', () => {
  const simulation = simulate({ size: { sampler: 0 } });
  expect(simulation.run('r1')).toMatchObject({ phase: 'Stable', serving: 'r1' });
  expect(simulation.revisions.get('r1')?.sampler.wanted).toBe(0);
  expect(simulation.log.some((line) => line.includes('r1: 1 wanted, 1 ready'))).toBe(true);
});

it('comes to rest at the asked revision, never has more pods than places, and always half of the workers on the serving revision', () => {
  const sizes = fc.record({ sampler: fc.integer({ min: 1, max: 8 }), maxSurge: fc.integer({ min: 0, max: 3 }), maxUnavailable: fc.integer({ min: 0, max: 3 }), gate: fc.boolean(), wishes: fc.array(fc.constantFrom('r1', 'r2', 'r3'), { minLength: 1, maxLength: 12 }) });
  fc.assert(
    fc.property(sizes, ({ sampler, maxSurge, maxUnavailable, gate, wishes }) => {
      fc.pre(maxSurge + maxUnavailable > 0);
      const simulation = simulate({ size: { sampler }, settings: { maxSurge, maxUnavailable, progressDeadlineSeconds: 600, ...(gate ? { gate: { deadlineSeconds: 900 } } : {}) } });
      simulation.run('r1');
      const check = () => {
        expect(simulation.pods()).toBeLessThanOrEqual(sampler + (sampler === 1 ? Math.max(1, maxSurge) : maxSurge));
        expect(simulation.revisions.get(simulation.voter?.revision ?? '')?.sampler.ready).toBeGreaterThanOrEqual(Math.max(1, Math.floor(sampler / 2)));
      };
      for (const wish of wishes) {
        simulation.tick(wish);
        check();
      }
      const last = wishes.at(-1) ?? 'r1';
      for (let tick = 0; tick < 80; tick++) {
        simulation.tick(last);
        check();
      }
      expect(simulation.step).toMatchObject({ phase: 'Stable', serving: last });
      expect(simulation.revisions.get(last)?.sampler.ready).toBe(sampler);
      expect([...simulation.revisions.keys()]).toEqual([last]);
    }),
    { numRuns: 300, seed: 1 },
  );
});
