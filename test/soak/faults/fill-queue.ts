import type { JudgeClient } from '@grm/client';
import { nanobenchItems } from '@grm/preferences';
import type { Ground } from '../ground/ground.ts';
import type { CallBook } from '../load/call-book.ts';
import type { FaultKind } from './fault.ts';

export interface FillQueueOptions {
  readonly client: JudgeClient;
  readonly book: CallBook;
  readonly timeoutMs: number;
}

/** More requests at once than the queue holds. Healed when each of them has its answer. */
export function fillQueue(ground: Ground, { client, book, timeoutMs }: FillQueueOptions): FaultKind {
  const count = Math.ceil(1.5 * ground.maxPending);
  return {
    name: 'fill-queue',
    about: `${count} requests at once, where the queue holds ${ground.maxPending} tasks`,
    explains: ['overloaded', 'deadline-exceeded'],
    prepare: (choice) => {
      let answered = 0;
      return {
        strike: async () => {
          let number = 0;
          for (const { conversation, responses } of nanobenchItems({ split: 'test', seed: choice, count })) {
            const request = { conversation: [...conversation], responses: [...responses], sampling: { samples: 2, seed: number } };
            void book.ask(client, { id: `burst-${choice}-${number++}`, request, purpose: 'burst', timeoutMs }).then(() => (answered += 1));
          }
          return `${count} requests`;
        },
        healed: () => Promise.resolve(answered === count),
      };
    },
  };
}
