import type { SoakHistory } from '../history.ts';
import type { Rule } from './rule.ts';

export const oneVerdictAnId: Rule = {
  name: 'one-verdict-an-id',
  promise: 'whoever asks again under an id, or hears an answer twice, finds the same verdict',
  broken: (history) => {
    const verdicts = new Map<string, Set<string>>();
    for (const { request, substance } of verdictsOf(history)) {
      const known = verdicts.get(request) ?? new Set();
      verdicts.set(request, known.add(substance));
    }
    return [...verdicts].flatMap(([request, { size }]) => (size === 1 ? [] : [{ request, message: `${size} different verdicts` }]));
  },
};

function* verdictsOf({ calls, heard }: SoakHistory): Generator<{ readonly request: string; readonly substance: string }> {
  for (const { request, end } of calls) if (end?.outcome.kind === 'verdict') yield { request, substance: end.outcome.substance };
  for (const one of heard) if (one.kind === 'answered' && one.outcome.kind === 'verdict') yield { request: one.request, substance: one.outcome.substance };
}
