import { orderOf } from '@grm/spct';
import { expect, it } from 'vitest';
import { groupByOrder } from './group-by-order.ts';

it('samples that see the same order share a prompt, and no sample is lost', () => {
  const samples = Array.from({ length: 16 }, (_, index) => ({ index, seed: index * 7_919 }));
  const groups = groupByOrder(samples, 2);
  expect(groups.map(({ order }) => order.join())).toHaveLength(2);
  for (const { order, samples: members } of groups) for (const { seed } of members) expect(orderOf(seed, 2)).toEqual(order);
  expect(groups.flatMap((group) => group.samples).toSorted((a, b) => a.index - b.index)).toEqual(samples);
});

it('a single response makes one prompt', () => {
  expect(groupByOrder([{ index: 3, seed: 1 }, { index: 4, seed: 2 }], 1)).toEqual([{ order: [0], samples: [{ index: 3, seed: 1 }, { index: 4, seed: 2 }] }]);
});
