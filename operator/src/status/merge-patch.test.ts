import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergePatch } from './merge-patch.ts';

/** RFC 7386, section 2. */
function applied(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const fields = new Map(typeof target === 'object' && target !== null && !Array.isArray(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) fields.delete(key);
    else fields.set(key, applied(fields.get(key), value));
  }
  return Object.fromEntries(fields);
}

const leaf = fc.oneof(fc.integer(), fc.string(), fc.boolean());
const { tree } = fc.letrec<{ tree: Record<string, unknown>; value: unknown }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, leaf, fc.array(leaf, { maxLength: 3 }), tie('tree')),
  tree: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tie('value'), { maxKeys: 4, noNullPrototype: true }),
}));

describe('a merge patch', () => {
  it('makes one object the other, whatever they are', () => {
    fc.assert(
      fc.property(tree, tree, (before, after) => {
        expect(applied(before, mergePatch(before, after) ?? {})).toEqual(after);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('is none between equal objects, whatever the order of their fields', () => {
    expect(mergePatch({ a: 1, b: [{ x: 1, y: 2 }] }, { b: [{ y: 2, x: 1 }], a: 1 })).toBeUndefined();
  });

  it('has what has changed and nothing else', () => {
    expect(mergePatch({ a: { b: 1, c: 2 }, d: [1], e: 1 }, { a: { b: 1, c: 3 }, d: [1] })).toEqual({ a: { c: 3 }, e: null });
  });

  it('takes a field that is undefined for one that is not there', () => {
    expect(mergePatch({ a: 1, b: undefined }, { a: undefined })).toEqual({ a: null });
  });
});
