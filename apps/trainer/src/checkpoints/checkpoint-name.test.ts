import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCheckpointName, parseCheckpointName } from './checkpoint-name.ts';

const alphanumeric = fc.constantFrom(...'abcXYZ019'.split(''));
const stage = fc
  .tuple(alphanumeric, fc.string({ unit: fc.oneof(alphanumeric, fc.constant('-')), maxLength: 90 }))
  .map(([first, rest]) => first + rest);
const digest = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'.split('')), minLength: 64, maxLength: 64 });
const named = fc.record({ stage, step: fc.integer({ min: 0, max: 99_999_999 }), digest });

describe("a checkpoint's name", () => {
  it('says stage, step and digest, whatever they are, so no two checkpoints share one', () => {
    fc.assert(
      fc.property(named, (name) => {
        expect(parseCheckpointName(formatCheckpointName(name))).toEqual(name);
      }),
      { seed: 1 },
    );
  });

  it('is read one way only where a stage is named like a checkpoint', () => {
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
        const sorted = [formatCheckpointName(a), formatCheckpointName({ ...b, stage: a.stage })].toSorted();
        const steps = sorted.map((name) => parseCheckpointName(name)?.step);
        expect(steps).toEqual([Math.min(a.step, b.step), Math.max(a.step, b.step)]);
      }),
      { seed: 3 },
    );
  });

  it('is a plain file name on every system', () => {
    fc.assert(
      fc.property(named, (name) => {
        expect(formatCheckpointName(name)).toMatch(/^[A-Za-z0-9][A-Za-z0-9.-]{0,254}$/);
      }),
      { seed: 4 },
    );
  });

  it('is read from nothing that is named otherwise', () => {
    const changed = fc.tuple(named, fc.nat(300), fc.string({ unit: 'binary', minLength: 0, maxLength: 2 })).map(([name, at, inserted]) => {
      const text = formatCheckpointName(name);
      return text.slice(0, at) + inserted + text.slice(at + 1);
    });
    fc.assert(
      fc.property(changed, (text) => {
        const name = parseCheckpointName(text);
        expect(name === undefined ? undefined : formatCheckpointName(name)).toBe(name === undefined ? undefined : text);
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
