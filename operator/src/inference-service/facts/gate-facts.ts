import type { GateReport } from '@grm/protocol';
import type { RolloutSpec } from '@grm/resources';
import type { LiveJob } from '../../kubernetes/live-job.ts';
import { defined } from '../../objects/defined.ts';
import type { GateFacts } from '../rollout/rollout-facts.ts';

type Gate = NonNullable<RolloutSpec['gate']>;
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/**
 * What a gate's report comes to under the thresholds of the spec; without one, what its Job says. A report counts when it is of what the gate is to judge.
 * An attempt that could not judge is followed by another one: what it says decides nothing before the Job has used its retries.
 * @param first whether no revision serves yet, so that there is none to agree with
 */
export function gateFacts(gate: Gate, report: GateReport | undefined, job: LiveJob | undefined, first: boolean): GateFacts | undefined {
  if (report !== undefined && isWhole(gate, report)) return judged(gate, report, first);
  if (job === undefined) return undefined;
  const error = errorOf(report, job);
  const failed = job.status?.conditions?.find(({ type, status }) => type === 'Failed' && status === 'True');
  if (failed !== undefined) return { state: 'Failed', message: error === undefined ? `the gate's Job ${job.metadata.name} failed: ${failed.message ?? failed.reason ?? ''}` : `the gate could not judge: ${error}` };
  const startedAt = Date.parse(job.status?.startTime ?? job.metadata.creationTimestamp ?? '');
  return { state: 'Running', ...defined({ startedAt: Number.isFinite(startedAt) ? startedAt : undefined, error }) };
}

const isWhole = (gate: Gate, { suite, items, error }: GateReport): boolean => error === undefined && suite === gate.suite && items === gate.items;

/** What kept the last attempt of this Job from judging; what one before it has left says nothing of this one. */
function errorOf(report: GateReport | undefined, { metadata }: LiveJob): string | undefined {
  return report !== undefined && Date.parse(report.judgedAt) >= Date.parse(metadata.creationTimestamp ?? '') ? report.error : undefined;
}

function judged({ minAccuracy, minAgreement }: Gate, { accuracy, agreement, items, suite }: GateReport, first: boolean): GateFacts {
  const found = `${percent(accuracy)} of ${items} items of ${suite} right${agreement === undefined ? '' : `, ${percent(agreement.value)} as ${agreement.with} has it`}`;
  if (minAccuracy !== undefined && accuracy < minAccuracy) return { state: 'Failed', message: `${found}; minAccuracy is ${percent(minAccuracy)}` };
  if (minAgreement !== undefined && !first) {
    if (agreement === undefined) return { state: 'Failed', message: `${found}; minAgreement is ${percent(minAgreement)}, and the serving revision could not be compared with` };
    if (agreement.value < minAgreement) return { state: 'Failed', message: `${found}; minAgreement is ${percent(minAgreement)}` };
  }
  return { state: 'Passed', message: found };
}
