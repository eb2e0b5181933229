import type { EvaluationReport } from '@grm/protocol';
import { differencesTable, methodsTable, methodText } from '@grm/trainer';

/** Every suite's figures by method and category, and what is better than what, each with 95 % intervals. */
export function accuracySection(report: EvaluationReport): string {
  const tables = report.suites.flatMap((suite) => [`### ${suite.name}${suite.measure === 'rocAuc' ? ': single responses, ROC-AUC' : ''}`, methodsTable(suite, report), differencesTable(suite, report)]);
  return [methodText(report), ...tables].join('\n\n');
}
