import { orderOf } from '@grm/spct';

export interface SeededSample {
  /** Number of the sample within its request. */
  readonly index: number;
  readonly seed: number;
}

/** Samples that see the responses in the same order, and so share a prompt. */
export interface OrderGroup {
  /** order[position] = the caller's index. */
  readonly order: readonly number[];
  readonly samples: readonly SeededSample[];
}

/**
 * Groups samples by the order in which their seeds shuffle the responses: each group is one prompt, read by the model once.
 * Groups stand in the order of their first sample, so that the same task always makes the same request.
 */
export function groupByOrder(samples: readonly SeededSample[], responses: number): OrderGroup[] {
  const groups = new Map<string, { order: number[]; samples: SeededSample[] }>();
  for (const sample of samples) {
    const order = orderOf(sample.seed, responses);
    const key = order.join(',');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { order, samples: [sample] });
    else group.samples.push(sample);
  }
  return [...groups.values()];
}
