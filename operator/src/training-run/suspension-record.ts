import type { RunProgress } from '@grm/protocol';
import type { StatusInput } from './conditions/run-condition.ts';
import { heardProgress } from './heard-progress.ts';
import type { SuspensionRecord } from './status-types.ts';

/** What is written down of a suspension: from when it begins until the run may go on. */
export function suspensionOf({ facts, decision: { goal } }: StatusInput): SuspensionRecord | undefined {
  const { status, suspendCall, now, job } = facts;
  const before = status.suspension;
  if (goal.kind !== 'suspend') return undefined;
  if (before === undefined && job === undefined && status.jobName === undefined) return undefined;
  const answer = suspendCall.kind === 'done' && suspendCall.value.kind === 'suspended' ? suspendCall.value.progress : undefined;
  const checkpoint = (answer ?? heardProgress(facts) ?? status).checkpoint;
  const name = checkpoint === undefined ? undefined : nameOf(checkpoint);
  return {
    requestedAt: before?.requestedAt ?? now.toISOString(),
    acknowledged: before?.acknowledged === true || answer !== undefined,
    ...(name === undefined ? {} : { checkpoint: name }),
  };
}

/** Without its place: the last part of its address. */
export const nameOf = ({ uri }: NonNullable<RunProgress['checkpoint']>): string => uri.slice(uri.lastIndexOf('/') + 1);
