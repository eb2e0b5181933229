import type { Rule } from './rule.ts';

export const everyCallEnds: Rule = {
  name: 'every-call-ends',
  promise: 'every request ends in a verdict or an error, by its deadline',
  broken: ({ calls }, { graceMs }) =>
    calls.flatMap(({ request, deadline, end }) => {
      if (end === undefined) return [{ request, message: 'never ended' }];
      return end.at <= deadline + graceMs ? [] : [{ request, message: `ended ${Math.round(end.at - deadline)} ms after its deadline` }];
    }),
};
