import fc from 'fast-check';
import { expect, it } from 'vitest';
import { planBouts } from './plan-bouts.ts';

const names = ['kill-sampler', 'kill-voter', 'kill-nats', 'pause-sampler', 'fill-queue'];
const plan = (seed: number, atOnce = 2) => planBouts({ seed, names, atOnce, quietMs: [1_000, 2_000] }).take(20).toArray();

it('plans the same faults for the same seed, and others for another', () => {
  expect(plan(1)).toEqual(plan(1));
  expect(plan(1)).not.toEqual(plan(2));
});

it('keeps to its bounds: faults at once, quiet gaps, no kind twice in a bout', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 4 }), (seed, atOnce) => {
      for (const { quietMs, faults } of plan(seed, atOnce)) {
        expect(quietMs).toBeGreaterThanOrEqual(1_000);
        expect(quietMs).toBeLessThanOrEqual(2_000);
        expect(faults.length).toBeGreaterThan(0);
        expect(faults.length).toBeLessThanOrEqual(atOnce);
        expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length);
      }
    }),
    { seed: 1 },
  );
});

it('strikes every kind before it strikes one again', () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const order = plan(seed, 1).flatMap(({ faults }) => faults.map(({ name }) => name));
      expect(new Set(order.slice(0, names.length))).toEqual(new Set(names));
      expect(new Set(order.slice(names.length, 2 * names.length))).toEqual(new Set(names));
    }),
    { seed: 2 },
  );
});
