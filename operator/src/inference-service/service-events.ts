import type { EventFact } from '@grm/controller-runtime';
import type { GRMInferenceServiceStatus } from '@grm/resources';

type Status = GRMInferenceServiceStatus;

/** What an SRE may have to act on, from what has changed in the status. */
export function eventsOfChange(before: Status, after: Status): EventFact[] {
  return [...rolloutEvents(before, after), ...scalingEvents(before, after), ...failureEvents(before, after), ...readyEvents(before, after)];
}

function rolloutEvents({ rollout: before }: Status, { rollout: after }: Status): EventFact[] {
  if (after === undefined) return [];
  const events: EventFact[] = [];
  if (after.candidate !== undefined && after.candidate !== before?.candidate) events.push({ type: 'Normal', reason: 'RolloutStarted', message: `revision ${after.candidate} is started${after.serving === undefined ? '' : ` beside ${after.serving}`}` });
  if (after.serving !== undefined && after.serving !== before?.serving && after.failed === undefined) events.push({ type: 'Normal', reason: 'Promoted', message: `revision ${after.serving} answers now` });
  if (after.failed !== undefined && after.failed.at !== before?.failed?.at) events.push({ type: 'Warning', reason: 'RolledBack', message: `revision ${after.failed.revision} was given up: ${after.failed.message}` });
  if (after.hold !== undefined && after.hold.reason !== before?.hold?.reason && after.failed === undefined && after.hold.reason !== 'GateRunning') events.push({ type: 'Warning', reason: after.hold.reason, action: 'RolloutHeld', message: after.hold.message });
  return events;
}

function scalingEvents({ scaling: before }: Status, { scaling: after }: Status): EventFact[] {
  const [newest] = after?.history ?? [];
  if (newest === undefined || newest.at === before?.history?.[0]?.at) return [];
  return [{ type: 'Normal', reason: 'Scaled', message: `samplers from ${newest.from} to ${newest.to}: ${after?.message ?? newest.reason}` }];
}

function failureEvents({ lastFailure: before }: Status, { lastFailure: after }: Status): EventFact[] {
  if (after === undefined || after.time === before?.time) return [];
  return [{ type: 'Warning', reason: 'PodFailed', message: `${after.pod ?? 'a pod'}: ${after.reason}${after.exitCode === undefined ? '' : `, exit code ${after.exitCode}`}${after.message === undefined ? '' : `: ${after.message.slice(-300)}`}` }];
}

function readyEvents(before: Status, after: Status): EventFact[] {
  const ready = ({ conditions }: Status) => conditions?.find(({ type }) => type === 'Ready');
  const [was, is] = [ready(before), ready(after)];
  if (is === undefined || was?.status === is.status) return [];
  if (is.status === 'True') return [{ type: 'Normal', reason: 'Ready', message: is.message }];
  return was?.status === 'True' ? [{ type: 'Warning', reason: 'NotReady', message: `${is.reason}: ${is.message}` }] : [];
}
