import { countParameters } from '../architecture/count-parameters.ts';
import type { Cluster } from '../cluster/device.ts';
import type { Phase } from '../phases/phase.ts';
import { joinMemory, type MemoryUse } from './memory-use.ts';

/** What waits in memory while a phase goes on: the policy's state between two steps, and the reference model. */
export function residentMemory({ resident, model }: Phase, { device, count }: Cluster): MemoryUse {
  const { total } = countParameters(model);
  return joinMemory(
    ...resident.map((what): MemoryUse => {
      if (what === 'reference') return { reference: device.kind === 'gpu' ? (2 * total) / count : 8 * total };
      if (device.kind === 'cpu') return { weights: 12 * total, moments: 16 * total };
      const share = total / count;
      return { weights: 2 * share, moments: 8 * share, masterWeights: 4 * share };
    }),
  );
}
