import type { Rule } from './rule.ts';

export const oneAnswerAnAttempt: Rule = {
  name: 'one-answer-an-attempt',
  promise: 'no request on the wire is answered twice, and nobody is answered who has not asked',
  broken: ({ calls, heard, deaf }) => {
    const counts = new Map<string, { asked: number; answered: number }>();
    for (const { kind, request } of heard) {
      const count = counts.get(request) ?? { asked: 0, answered: 0 };
      count[kind] += 1;
      counts.set(request, count);
    }
    // While the onlooker was away, an attempt may have passed unheard whose answer was heard.
    const unsure = new Set(
      calls.flatMap(({ request, askedAt, deadline, end }) => (deaf.some(({ from, to }) => from <= (end?.at ?? deadline) && to >= askedAt) ? [request] : [])),
    );
    const known = new Set(calls.map(({ request }) => request));
    return [...counts].flatMap(([request, { asked, answered }]) => {
      if (!known.has(request)) return [{ request, message: 'is a request that no client made' }];
      return answered <= asked || unsure.has(request) ? [] : [{ request, message: `asked ${asked} times, answered ${answered} times` }];
    });
  },
};
