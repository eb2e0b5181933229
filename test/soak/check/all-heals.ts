import type { Rule } from './rule.ts';

export const allHeals: Rule = {
  name: 'all-heals',
  promise: 'after every fault everything runs again, by itself',
  broken: ({ faults }) => faults.flatMap(({ name, target, healedAt }) => (healedAt === undefined ? [{ message: `${name} of ${target} did not heal` }] : [])),
};
