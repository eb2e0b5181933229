import type { ConditionNow } from '../../status/stamp-conditions.ts';
import type { FieldConflict } from '../field-conflict.ts';
import { type ComponentFacts, noWorkers } from '../rollout/rollout-facts.ts';
import type { RolloutStep } from '../rollout/rollout-step.ts';
import type { ScalingDecision } from '../scaling/decide-replicas.ts';
import type { ServiceFacts } from '../service-facts.ts';
import type { ServiceConditionType } from './reasons.ts';

type Now = ConditionNow<ServiceConditionType>;

export interface ConditionInput {
  readonly facts: ServiceFacts;
  /** Absent while a model is waited for and nothing serves. */
  readonly step?: RolloutStep;
  readonly sampler: ComponentFacts;
  readonly metaRM?: ComponentFacts;
  readonly voter: ComponentFacts;
  readonly scaling?: ScalingDecision;
  readonly conflicts: readonly FieldConflict[];
}

/** All conditions, what they are rolled up into last. */
export function serviceConditions(input: ConditionInput): Now[] {
  const { facts, metaRM, sampler, voter } = input;
  const parts = [
    modelResolved(facts),
    queueReady(facts),
    component('SamplerReady', 'samplers', sampler, input, 'sampler'),
    ...(facts.metaRM === undefined ? [] : [component('MetaRMReady', 'meta RMs', metaRM ?? noWorkers, input, 'meta-rm')]),
    component('VoterReady', 'voters', voter, input, 'voter'),
  ];
  return [...parts, ...scalingActive(input), promoted(input), ready(parts)];
}

function modelResolved({ policy, metaRM }: ServiceFacts): Now {
  const open = [policy, ...(metaRM === undefined ? [] : [metaRM])].find(({ state }) => state !== 'Resolved');
  if (open === undefined || open.state === 'Resolved') return { type: 'ModelResolved', status: 'True', reason: 'Resolved', message: 'every model that the spec names is there' };
  return { type: 'ModelResolved', status: 'False', reason: open.reason, message: open.message };
}

function queueReady({ nats, desired }: ServiceFacts): Now {
  if (!nats.connected) return { type: 'QueueReady', status: 'Unknown', reason: 'NatsUnavailable', message: 'NATS does not answer the operator; services that run go on' };
  if (nats.problem !== undefined) return { type: 'QueueReady', status: 'False', reason: 'NatsRefused', message: nats.problem };
  if (desired === undefined) return { type: 'QueueReady', status: 'Unknown', reason: 'WaitingForModel', message: 'the queue is made once the model is there' };
  return { type: 'QueueReady', status: 'True', reason: 'Ready', message: 'stream and consumers are there' };
}

function component(type: 'SamplerReady' | 'MetaRMReady' | 'VoterReady', what: string, facts: ComponentFacts, { conflicts }: ConditionInput, name: string): Now {
  const conflict = conflicts.find((candidate) => candidate.component === name && !candidate.replicasOnly);
  if (conflict !== undefined) return { type, status: 'False', reason: 'FieldConflict', message: conflict.message };
  if (facts === noWorkers) return { type, status: 'Unknown', reason: 'NotMade', message: `there are no ${what} yet` };
  if (facts.wanted === 0) return { type, status: 'True', reason: 'ScaledToZero', message: `no ${what} are wanted now; the first request brings one back` };
  const { wanted, ready: answering, trouble } = facts;
  if (answering >= wanted) return { type, status: 'True', reason: 'AllReady', message: `all ${wanted} ${what} answer` };
  if (answering > 0) return { type, status: 'True', reason: trouble?.reason ?? 'SomeReady', message: `${answering} of ${wanted} ${what} answer${trouble === undefined ? '' : `; ${trouble.message}`}` };
  return { type, status: 'False', reason: trouble?.reason ?? 'Starting', message: trouble?.message ?? `none of ${wanted} ${what} answers yet` };
}

function scalingActive({ scaling, conflicts }: ConditionInput): Now[] {
  const taken = conflicts.find(({ replicasOnly }) => replicasOnly);
  if (taken !== undefined) return [{ type: 'ScalingActive', status: 'False', reason: 'ReplicasOwnedElsewhere', message: taken.message }];
  if (scaling === undefined) return [];
  if (scaling.reason === 'BacklogUnknown' || scaling.reason === 'RateUnknown') return [{ type: 'ScalingActive', status: 'Unknown', reason: scaling.reason, message: scaling.message }];
  return [{ type: 'ScalingActive', status: 'True', reason: 'Following', message: 'replicas follow what waits; status.scaling says how' }];
}

function promoted({ step }: ConditionInput): Now {
  if (step === undefined) return { type: 'Promoted', status: 'Unknown', reason: 'WaitingForModel', message: 'there is no model to serve yet' };
  const { phase, failed, hold, candidate, serving } = step;
  if (failed !== undefined) return { type: 'Promoted', status: 'False', reason: phase === 'RollingBack' ? 'RollingBack' : 'GivenUp', message: `${failed.revision} was given up: ${failed.message}` };
  if (phase === 'Stable') return { type: 'Promoted', status: 'True', reason: 'Serving', message: `${serving ?? ''} answers` };
  if (candidate === undefined) return { type: 'Promoted', status: 'True', reason: phase, message: `${serving ?? ''} answers; ${hold?.message ?? 'the revision before goes'}` };
  return { type: 'Promoted', status: 'False', reason: phase, message: hold?.message ?? `${candidate} is on its way` };
}

function ready(parts: readonly Now[]): Now {
  const open = parts.find(({ status }) => status === 'False') ?? parts.find(({ status }) => status === 'Unknown');
  if (open === undefined) return { type: 'Ready', status: 'True', reason: 'Ready', message: 'the service answers' };
  // What is not known of the queue keeps nobody from answering.
  if (open.type === 'QueueReady' && open.status === 'Unknown' && open.reason === 'NatsUnavailable') return { type: 'Ready', status: 'Unknown', reason: open.reason, message: open.message };
  return { type: 'Ready', status: 'False', reason: open.reason, message: open.message };
}
