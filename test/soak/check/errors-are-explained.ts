import { errorCodes } from '@grm/protocol';
import type { Call } from '../history.ts';
import { faultsAround } from './faults-around.ts';
import type { Rule } from './rule.ts';

/** About the question, and not about how the service is: `sameVerdict` sees to it that it comes each time or never. */
const ofTheQuestion: ReadonlySet<string> = new Set(['no-valid-sample']);

export const errorsAreExplained: Rule = {
  name: 'errors-are-explained',
  promise: 'an error has a code of the table, and comes only where a fault explains it',
  broken: ({ calls, faults }, { backlogMs }) =>
    calls.flatMap((call) => {
      const error = errorOf(call);
      if (error === undefined || ofTheQuestion.has(error.code)) return [];
      const { request } = call;
      if (!Object.hasOwn(errorCodes, error.code)) return [{ request, message: `${JSON.stringify(error.code)} is no code of the table: ${error.message}` }];
      const around = faultsAround(faults, { from: call.askedAt, to: error.at }, backlogMs);
      if (around.some(({ explains }) => explains.some((code) => code === error.code))) return [];
      const what = around.length === 0 ? 'nothing was disturbed' : `only ${around.map(({ name }) => name).join(', ')}`;
      return [{ request, message: `${error.code} at ${Math.round(error.at)} ms where ${what}: ${error.message}` }];
    }),
};

function errorOf({ end }: Call): { readonly at: number; readonly code: string; readonly message: string } | undefined {
  return end?.outcome.kind === 'error' ? { at: end.at, code: end.outcome.code, message: end.outcome.message } : undefined;
}
