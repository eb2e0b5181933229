import { describe, expect, it } from 'vitest';
import { BatchOrder } from './batch-order.ts';

describe('the order of batches', () => {
  it('goes through every row once an epoch, in another order each time', () => {
    const order = new BatchOrder({ rows: 10, batchSize: 4, seed: 1 });
    const epoch = (number: number) => [0, 1, 2].flatMap((step) => order.at(3 * number + step));
    expect(order.stepsPerEpoch).toBe(3);
    expect(epoch(0).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(epoch(1)).not.toEqual(epoch(0));
  });

  it('is the same for whoever begins in the middle', () => {
    const steps = (from: number) => {
      const order = new BatchOrder({ rows: 10, batchSize: 4, seed: 1 });
      return Array.from({ length: 12 - from }, (_, step) => order.at(from + step));
    };
    expect(steps(7)).toEqual(steps(0).slice(7));
  });

  it('takes all rows where the batch is larger', () => {
    expect(new BatchOrder({ rows: 3, batchSize: 100, seed: 1 }).at(5).toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
  });
});
