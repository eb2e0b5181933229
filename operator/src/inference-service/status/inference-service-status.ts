import { subjects } from '@grm/protocol';
import type { GRMInferenceServiceStatus } from '@grm/resources';
import { selectorOf } from '@grm/workloads';
import { defined } from '../../objects/defined.ts';
import { stampConditions } from '../../status/stamp-conditions.ts';
import { lastFailureOf } from '../../training-run/last-failure.ts';
import { componentFacts } from '../facts/revision-facts.ts';
import type { FieldConflict } from '../field-conflict.ts';
import { type ComponentFacts, noWorkers } from '../rollout/rollout-facts.ts';
import type { RolloutStep } from '../rollout/rollout-step.ts';
import { rounded, scalingStatus, type ServiceScaling } from '../scaling/service-scaling.ts';
import type { DesiredRevision, ServiceFacts } from '../service-facts.ts';
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
  const { facts, step, scaling, conflicts, currentSamplers } = input;
  const { object, service, children, now, nats } = facts;
  const before = object.status ?? {};
  const generation = object.metadata.generation ?? 0;
  const components = componentsOf(facts, step);
  const conditions = serviceConditions({ facts, ...components, conflicts, ...defined({ step, scaling: scaling?.decision }) });
  const names = subjects({ namespace: service.metadata.namespace, service: service.metadata.name });
  const rollout = step === undefined ? before.rollout : rolloutStatus(step, before.rollout, facts);
  return {
    observedGeneration: generation,
    conditions: stampConditions(conditions, before.conditions, { now: new Date(now), generation }),
    image: facts.image,
    endpoints: { judge: names.judge, answer: names.answer },
    sampler: { ...counts(components.sampler, facts, step), selector: selectorText(selectorOf(service, 'sampler')), ...measured(before.sampler, nats.reading) },
    voter: { replicas: components.voter.wanted, ready: components.voter.ready, updated: components.voter.ready },
    ...defined({
      model: facts.desired === undefined ? before.model : modelOf(facts.desired),
      metaRM: components.metaRM === undefined ? undefined : counts(components.metaRM, facts, step),
      scaling: scaling === undefined ? undefined : scalingStatus(before.scaling, scaling, currentSamplers, nats.reading, now),
      rollout,
      lastFailure: newest(lastFailureOf(children.pods), before.lastFailure),
    }),
  };
}

interface Components {
  readonly sampler: ComponentFacts;
  readonly metaRM?: ComponentFacts;
  readonly voter: ComponentFacts;
}

/** Of the revision that serves, or of the first one on its way. */
function componentsOf({ children, metaRM, now }: ServiceFacts, step: RolloutStep | undefined): Components {
  const shown = step?.serving ?? step?.candidate;
  const of = (component: string) => (shown === undefined ? noWorkers : componentFacts(children, component, shown, now));
  return { sampler: of('sampler'), voter: componentFacts(children, 'voter', undefined, now), ...(metaRM === undefined ? {} : { metaRM: of('meta-rm') }) };
}

function modelOf({ name: revision, policy: { name, uri, digest } }: DesiredRevision): NonNullable<Status['model']> {
  return { name, uri, revision, ...defined({ digest }) };
}

const counts = ({ wanted, ready }: ComponentFacts, { desired }: ServiceFacts, step: RolloutStep | undefined) => ({ replicas: wanted, ready, updated: step?.serving === desired?.name ? ready : 0 });

/** Measured values are written when they have changed by more than a tenth: they never stand still. */
function measured(before: Status['sampler'], reading: ServiceFacts['nats']['reading']): { samplesPerSecond?: number; loadSeconds?: number } {
  const pick = (old: number | undefined, now: number | undefined) => (now === undefined || (old !== undefined && Math.abs(now - old) <= old / 10) ? old : rounded(now));
  return defined({ samplesPerSecond: pick(before?.samplesPerSecond, reading?.samplesPerSecond), loadSeconds: pick(before?.loadSeconds, reading?.loadSeconds) });
}

const selectorText = (labels: Readonly<Record<string, string>>): string => Object.entries(labels).map(([name, value]) => `${name}=${value}`).join(',');

/** Roll-outs that are kept in status. */
const kept = 10;

function rolloutStatus(step: RolloutStep, before: Status['rollout'], { now, nats, service }: ServiceFacts): NonNullable<Status['rollout']> {
  const time = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
  const { phase, serving, candidate, previous, failed } = step;
  const judged = nats.gateReport !== undefined && service.spec.rollout?.gate !== undefined;
  return {
    phase,
    ...defined({
      serving,
      candidate,
      previous,
      startedAt: startOf(candidate, before, time),
      gate: gateStatus(step, before?.gate, judged),
      hold: holdStatus(step, before, time),
      failed: failed === undefined ? undefined : { ...failed, message: cut(failed.message) },
    }),
    history: history(step, before, time),
  };
}

/** Messages are for people: the API would take more than anybody reads. */
const cut = (message: string): string => message.slice(0, 1000);

const startOf = (candidate: string | undefined, before: Status['rollout'], time: string): string | undefined =>
  candidate === undefined ? undefined : before?.candidate === candidate ? before.startedAt : time;

function holdStatus({ hold }: RolloutStep, before: Status['rollout'], time: string): NonNullable<Status['rollout']>['hold'] {
  return hold === undefined ? undefined : { ...hold, message: cut(hold.message), since: before?.hold?.reason === hold.reason ? before.hold.since : time };
}

function gateStatus({ gate, failed, serving }: RolloutStep, before: NonNullable<Status['rollout']>['gate'], judged: boolean): NonNullable<Status['rollout']>['gate'] {
  if (gate !== undefined) return { revision: gate, state: 'Running' };
  if (failed?.reason === 'GateFailed') return { revision: failed.revision, state: 'Failed', message: cut(failed.message) };
  if (before !== undefined && before.state === 'Running' && judged && serving !== undefined) return { revision: before.revision, state: 'Passed' };
  return before;
}

function history({ serving, failed }: RolloutStep, before: Status['rollout'], at: string): NonNullable<NonNullable<Status['rollout']>['history']> {
  const entries = before?.history ?? [];
  if (failed !== undefined && before?.failed?.at !== failed.at) return [{ at, revision: failed.revision, outcome: 'RolledBack' as const, message: cut(failed.message) }, ...entries].slice(0, kept);
  if (serving !== undefined && before?.serving !== serving && failed === undefined) return [{ at, revision: serving, outcome: 'Promoted' as const }, ...entries].slice(0, kept);
  return entries;
}

function newest(now: Status['lastFailure'], before: Status['lastFailure']): Status['lastFailure'] {
  if (now === undefined || before === undefined) return now ?? before;
  return now.time >= before.time ? now : before;
}
