import type { Ground } from '../ground/ground.ts';
import type { FaultKind } from './fault.ts';

/** Takes away a sampler under load, and brings it back; or the other way round. */
export function scaleSamplers(ground: Ground): FaultKind {
  return {
    name: 'scale-samplers',
    about: 'one sampler fewer or more, and back',
    explains: ['overloaded', 'deadline-exceeded'],
    prepare: (choice) => ({
      strike: async () => {
        const usual = ground.samplers;
        const other = choice % 2 === 0 && usual > 1 ? usual - 1 : usual + 1;
        await ground.scale(other);
        await ground.scale(usual);
        return `${usual} to ${other} and back`;
      },
      healed: async () => (await ground.unsettled()) === undefined,
    }),
  };
}
