import type { EventFact } from '@grm/controller-runtime';
import type { GRMInferenceServiceStatus } from '@grm/resources';

type Status = GRMInferenceServiceStatus;

/** What an SRE may have to act on, from what has changed in the status. */
export function eventsOfChange(before: Status, after: Status): EventFact[] {
  return [...rolloutEvents(before, after), ...scalingEvents(before, after), ...failureEvents(before, after), ...readyEvents(before, after)];
}

type Rollout = NonNullable<Status['rollout']>;

function rolloutEvents({ rollout: before }: Status, { rollout: after }: Status): EventFact[] {
  if (after === undefined) return [];
  return [started, promoted, rolledBack, held].flatMap((event) => event(before, after) ?? []);
}

type RolloutEvent = (before: Rollout | undefined, after: Rollout) => EventFact | undefined;

const started: RolloutEvent = (before, { candidate, serving }) =>
  candidate === undefined || candidate === before?.candidate ? undefined : { type: 'Normal', reason: 'RolloutStarted', message: `revision ${candidate} is started${serving === undefined ? '' : ` beside ${serving}`}` };

const promoted: RolloutEvent = (before, { serving, failed }) =>
  serving === undefined || serving === before?.serving || failed !== undefined ? undefined : { type: 'Normal', reason: 'Promoted', message: `revision ${serving} answers now` };

const rolledBack: RolloutEvent = (before, { failed }) =>
  failed === undefined || failed.at === before?.failed?.at ? undefined : { type: 'Warning', reason: 'RolledBack', message: `revision ${failed.revision} was given up: ${failed.message}` };

/** A gate that runs is on its way, not held. */
const held: RolloutEvent = (before, { hold, failed }) =>
  hold === undefined || failed !== undefined || hold.reason === 'GateRunning' || hold.reason === before?.hold?.reason ? undefined : { type: 'Warning', reason: hold.reason, action: 'RolloutHeld', message: hold.message };

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
