import type { Cluster } from '../cluster/device.ts';

/**
 * How many rows a device works through one after the other for a batch of so many. GPUs take whole rows (data parallelism), so that
 * a batch smaller than the cluster leaves some idle; the threads of a CPU share every row.
 */
export function rowRounds(rows: number, { device, count }: Cluster): number {
  return device.kind === 'gpu' ? Math.ceil(rows / count) : rows / count;
}
