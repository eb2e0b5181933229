import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCheckpointName, parseCheckpointName } from './checkpoint-name.ts';

const alphanumeric = [...'abcXYZ019'];
const stage = fc.tuple(fc.constantFrom(...alphanumeric), fc.string({ unit: fc.constantFrom(...alphanumeric, '-'), maxLength: 90 })).map(([first, rest]) => first + rest);
const digest = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 });
const named = fc.record({ stage, step: fc.integer({ min: 0, max: 99_999_999 }), digest });

describe("a checkpoint's name", () => {
  it('says stage, step and digest, whatever they are, and no two checkpoints share one', () => {
    fc.assert(fc.property(named, (name) => void expect(parseCheckpointName(formatCheckpointName(name))).toEqual(name)), { seed: 1 });
    // Names of stages that look like the end of another's.
    fc.assert(
      fc.property(named, named, (a, b) => {
        const tricky = { ...a, stage: `${a.stage}-00000001-${b.digest}` };
        expect(parseCheckpointName(formatCheckpointName(tricky))).toEqual(tricky);
      }),
      { seed: 2 },
    );
  });

  it('sorts by step within a stage', () => {
    fc.assert(
      fc.property(named, named, (a, b) => {
        const [first, second] = [formatCheckpointName(a), formatCheckpointName({ ...b, stage: a.stage })];
        if (a.step !== b.step) expect(first < second).toBe(a.step < b.step);
      }),
      { seed: 3 },
    );
  });

  it('is a plain file name on every system, and read from nothing else', () => {
    fc.assert(fc.property(named, (name) => void expect(formatCheckpointName(name)).toMatch(/^[A-Za-z0-9][A-Za-z0-9.-]{0,254}$/)), { seed: 4 });
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const name = parseCheckpointName(text);
        if (name !== undefined) expect(formatCheckpointName(name)).toBe(text);
      }),
      { seed: 5 },
    );
  });

  it.each([
    { stage: '../grpo', step: 1, digest: '0'.repeat(64) },
    { stage: '', step: 1, digest: '0'.repeat(64) },
    { stage: 'grpo', step: 100_000_000, digest: '0'.repeat(64) },
    { stage: 'grpo', step: -1, digest: '0'.repeat(64) },
    { stage: 'grpo', step: 1.5, digest: '0'.repeat(64) },
    { stage: 'grpo', step: 1, digest: 'F'.repeat(64) },
  ])('is not made of $stage at step $step', (name) => {
    expect(() => formatCheckpointName(name)).toThrow(RangeError);
  });
});
