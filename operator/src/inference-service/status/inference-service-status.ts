import { subjects } from '@grm/protocol';
import type { GRMInferenceServiceStatus } from '@grm/resources';
import { selectorOf } from '@grm/workloads';
import type { LivePod } from '../../kubernetes/live-pod.ts';
import { stampConditions } from '../../status/stamp-conditions.ts';
import { lastFailureOf } from '../../training-run/last-failure.ts';
import { componentFacts } from '../facts/revision-facts.ts';
import type { FieldConflict } from '../field-conflict.ts';
import { type ComponentFacts, noWorkers } from '../rollout/rollout-facts.ts';
import type { RolloutStep } from '../rollout/rollout-step.ts';
import { rounded, scalingStatus, type ServiceScaling } from '../scaling/service-scaling.ts';
import type { ServiceFacts } from '../service-facts.ts';
import { serviceConditions } from './service-conditions.ts';

type Status = GRMInferenceServiceStatus;

export interface StatusInput {
  readonly facts: ServiceFacts;
  readonly step?: RolloutStep;
  readonly scaling?: ServiceScaling;
  readonly currentSamplers: number | undefined;
  readonly conflicts: readonly FieldConflict[];
}

/** What a service's status is to be, from what is known now; of before only times, histories and the last failure are kept. */
export function inferenceServiceStatus(input: StatusInput): Status {
  const { facts, step, scaling, conflicts } = input;
  const { object, service, children, now, nats } = facts;
  const before = object.status ?? {};
  const generation = object.metadata.generation ?? 0;
  const serving = step?.serving ?? step?.candidate;
  const sampler = serving === undefined ? noWorkers : componentFacts(children, 'sampler', serving, now);
  const metaRM = serving === undefined || facts.metaRM === undefined ? undefined : componentFacts(children, 'meta-rm', serving, now);
  const voter = componentFacts(children, 'voter', undefined, now);
  const conditions = serviceConditions({
    facts,
    ...(step === undefined ? {} : { step }),
    sampler,
    ...(metaRM === undefined ? {} : { metaRM }),
    voter,
    ...(scaling?.decision === undefined ? {} : { scaling: scaling.decision }),
    conflicts,
  });
  const names = subjects({ namespace: service.metadata.namespace, service: service.metadata.name });
  const scaled = scaling === undefined ? undefined : scalingStatus(before.scaling, scaling, input.currentSamplers, nats.reading, now);
  const failure = newest(lastFailureOf(children.pods as LivePod[]), before.lastFailure);
  return {
    observedGeneration: generation,
    conditions: stampConditions(conditions, before.conditions, { now: new Date(now), generation }),
    image: facts.image,
    ...(facts.desired === undefined ? (before.model === undefined ? {} : { model: before.model }) : { model: { ...modelOf(facts), revision: facts.desired.name } }),
    endpoints: { judge: names.judge, answer: names.answer },
    sampler: { ...component(sampler, facts, step), selector: selectorText(selectorOf(service, 'sampler')), ...measured(before.sampler, nats.reading) },
    ...(metaRM === undefined ? {} : { metaRM: component(metaRM, facts, step) }),
    voter: { replicas: voter.wanted, ready: voter.ready, updated: voter.ready },
    ...(scaled === undefined ? {} : { scaling: scaled }),
    ...(step === undefined ? (before.rollout === undefined ? {} : { rollout: before.rollout }) : { rollout: rolloutStatus(step, before.rollout, facts) }),
    ...(failure === undefined ? {} : { lastFailure: failure }),
  };
}

function modelOf({ desired }: ServiceFacts): { name: string; uri: string; digest?: string } {
  const { name = '', uri = '', digest } = desired?.policy ?? {};
  return { name, uri, ...(digest === undefined ? {} : { digest }) };
}

const component = ({ wanted, ready }: ComponentFacts, { desired }: ServiceFacts, step: RolloutStep | undefined) => ({ replicas: wanted, ready, updated: step?.serving === desired?.name ? ready : 0 });

/** Measured values are written when they have changed by more than a tenth: they never stand still. */
function measured(before: Status['sampler'], reading: ServiceFacts['nats']['reading']): { samplesPerSecond?: number; loadSeconds?: number } {
  const pick = (old: number | undefined, now: number | undefined) => (now === undefined || (old !== undefined && Math.abs(now - old) <= old / 10) ? old : rounded(now));
  const samplesPerSecond = pick(before?.samplesPerSecond, reading?.samplesPerSecond);
  const loadSeconds = pick(before?.loadSeconds, reading?.loadSeconds);
  return { ...(samplesPerSecond === undefined ? {} : { samplesPerSecond }), ...(loadSeconds === undefined ? {} : { loadSeconds }) };
}

const selectorText = (labels: Readonly<Record<string, string>>): string => Object.entries(labels).map(([name, value]) => `${name}=${value}`).join(',');

/** Roll-outs that are kept in status. */
const kept = 10;

function rolloutStatus(step: RolloutStep, before: Status['rollout'], { now, nats, service }: ServiceFacts): NonNullable<Status['rollout']> {
  const time = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
  const { phase, serving, candidate, previous, hold, failed } = step;
  const startedAt = candidate === undefined ? undefined : before?.candidate === candidate ? before.startedAt : time;
  const gate = gateStatus(step, before?.gate, nats.gateReport !== undefined && service.spec.rollout?.gate !== undefined);
  return {
    phase,
    ...(serving === undefined ? {} : { serving }),
    ...(candidate === undefined ? {} : { candidate }),
    ...(previous === undefined ? {} : { previous }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(gate === undefined ? {} : { gate }),
    ...(hold === undefined ? {} : { hold: { ...hold, message: hold.message.slice(0, 1000), since: before?.hold?.reason === hold.reason ? before.hold.since : time } }),
    ...(failed === undefined ? {} : { failed: { ...failed, message: failed.message.slice(0, 1000) } }),
    history: history(step, before, time),
  };
}

function gateStatus({ gate, failed, serving }: RolloutStep, before: NonNullable<Status['rollout']>['gate'], judged: boolean): NonNullable<Status['rollout']>['gate'] {
  if (gate !== undefined) return { revision: gate, state: 'Running' };
  if (failed?.reason === 'GateFailed') return { revision: failed.revision, state: 'Failed', message: failed.message.slice(0, 1000) };
  if (before !== undefined && before.state === 'Running' && judged && serving !== undefined) return { revision: before.revision, state: 'Passed' };
  return before;
}

function history({ serving, failed }: RolloutStep, before: Status['rollout'], at: string): NonNullable<NonNullable<Status['rollout']>['history']> {
  const entries = before?.history ?? [];
  if (failed !== undefined && before?.failed?.at !== failed.at) return [{ at, revision: failed.revision, outcome: 'RolledBack' as const, message: failed.message.slice(0, 1000) }, ...entries].slice(0, kept);
  if (serving !== undefined && before?.serving !== serving && failed === undefined) return [{ at, revision: serving, outcome: 'Promoted' as const }, ...entries].slice(0, kept);
  return entries;
}

function newest(now: Status['lastFailure'], before: Status['lastFailure']): Status['lastFailure'] {
  if (now === undefined || before === undefined) return now ?? before;
  return now.time >= before.time ? now : before;
}
