import type { EvaluationReport } from '@grm/protocol';
import { differencesTable, methodsTable } from '@grm/trainer';

/** Figures by method and category of every suite. */
export const suiteTables = (report: EvaluationReport): string => report.suites.map((suite) => methodsTable(suite, report)).join('\n\n');

/** What the meta RM changes: each method that uses it less the plain vote of as many samples. */
export const effectTable = (report: EvaluationReport): string =>
  report.suites.map((suite) => differencesTable(suite, report, ({ method, than }) => /^(?:meta|filter)@/u.test(method) && than.startsWith('vote@'))).join('\n\n');

/** Share of the sampled judgements that could be read, in percent. */
export function readableShare({ judgements }: EvaluationReport): string {
  const sampled = judgements.filter(({ kind }) => kind === 'sampled');
  const drawn = sampled.reduce((sum, of) => sum + of.judgements, 0);
  return (100 * sampled.reduce((sum, of) => sum + of.readable * (of.judgements / drawn), 0)).toFixed(1);
}
