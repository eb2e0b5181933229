import { setTimeout as pause } from 'node:timers/promises';
import type { Ground } from '../ground/ground.ts';
import { chooseMember } from './choose-member.ts';
import type { FaultKind } from './fault.ts';

/** As long as a task may lie with a silent worker: NATS hands it to another one, and the paused one answers as well when it wakes. */
const pausedMs = 5_500;

/** Stops a sampler for a while, as a machine that swaps or a virtual machine that is moved does. */
export function pauseSampler(ground: Ground): FaultKind {
  return {
    name: 'pause-sampler',
    about: `SIGSTOP to a sampler, SIGCONT ${pausedMs / 1000} s later`,
    explains: ['overloaded', 'deadline-exceeded'],
    prepare: (choice) => ({
      strike: async (signal) => {
        const member = await chooseMember(ground, 'sampler', choice);
        if (member === undefined) return undefined;
        await ground.signal(member, 'SIGSTOP');
        try {
          await pause(pausedMs, undefined, { signal });
        } finally {
          await ground.signal(member, 'SIGCONT');
        }
        return member.name;
      },
      healed: async () => (await ground.unsettled()) === undefined,
    }),
  };
}
