import type { Rule } from './rule.ts';

export const nothingLeft: Rule = {
  name: 'nothing-left',
  promise: 'when all is answered no task is left in a queue, and every dead letter says where it came from',
  broken: ({ closing: { queues, deadLetters } }) => [
    ...queues.flatMap(({ name, tasks }) => (tasks === 0 ? [] : [{ message: `${tasks} tasks are left in ${name}` }])),
    ...deadLetters.flatMap(({ sequence, missing }) => (missing.length === 0 ? [] : [{ message: `dead letter ${sequence} lacks ${missing.join(', ')}` }])),
  ],
};
