import type { GateReport } from '@grm/protocol';
import type { RolloutSpec } from '@grm/resources';
import type { LiveJob } from '../../kubernetes/live-job.ts';
import type { GateFacts } from '../rollout/rollout-facts.ts';

type Gate = NonNullable<RolloutSpec['gate']>;
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/**
 * What a gate's report comes to under the thresholds of the spec; without a report, what its Job says.
 * @param first whether no revision serves yet, so that there is none to agree with
 */
export function gateFacts(gate: Gate, report: GateReport | undefined, job: LiveJob | undefined, first: boolean): GateFacts | undefined {
  if (report !== undefined && report.suite === gate.suite) return judged(gate, report, first);
  if (job === undefined) return undefined;
  const failed = job.status?.conditions?.find(({ type, status }) => type === 'Failed' && status === 'True');
  if (failed !== undefined) return { state: 'Failed', message: `the gate's Job ${job.metadata.name} failed: ${failed.message ?? failed.reason ?? ''}` };
  const startedAt = Date.parse(job.status?.startTime ?? job.metadata.creationTimestamp ?? '');
  return { state: 'Running', ...(Number.isFinite(startedAt) ? { startedAt } : {}) };
}

function judged({ minAccuracy, minAgreement }: Gate, { accuracy, agreement, items, suite, error }: GateReport, first: boolean): GateFacts {
  if (error !== undefined) return { state: 'Failed', message: `the gate could not judge: ${error}` };
  const found = `${percent(accuracy)} of ${items} items of ${suite} right${agreement === undefined ? '' : `, ${percent(agreement.value)} as ${agreement.with} has it`}`;
  if (minAccuracy !== undefined && accuracy < minAccuracy) return { state: 'Failed', message: `${found}; minAccuracy is ${percent(minAccuracy)}` };
  if (minAgreement !== undefined && !first) {
    if (agreement === undefined) return { state: 'Failed', message: `${found}; minAgreement is ${percent(minAgreement)}, and the serving revision could not be compared with` };
    if (agreement.value < minAgreement) return { state: 'Failed', message: `${found}; minAgreement is ${percent(minAgreement)}` };
  }
  return { state: 'Passed', message: found };
}
