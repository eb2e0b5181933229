import type { RolloutSpec } from '@grm/resources';
import { revisionLabel } from '@grm/workloads';
import { defined } from '../objects/defined.ts';
import { gateFacts } from './facts/gate-facts.ts';
import { componentFacts, revisionsOf, voterFacts } from './facts/revision-facts.ts';
import { planRollout } from './rollout/plan-rollout.ts';
import type { GateFacts, RolloutSettings, Size } from './rollout/rollout-facts.ts';
import type { RolloutStep } from './rollout/rollout-step.ts';
import { settingsDigest } from './rollout/settings-digest.ts';
import { type CurrentSize, scaleService, type ServiceScaling, type ServiceScalingMemory } from './scaling/service-scaling.ts';
import type { ServiceFacts } from './service-facts.ts';

export interface ServiceDecision {
  /** Absent while no model is there and nothing serves. */
  readonly step?: RolloutStep;
  readonly scaling?: ServiceScaling;
  /** Samplers of the serving revision before this decision. */
  readonly currentSamplers: number | undefined;
  /** The revision that children are planned for. */
  readonly desired?: string;
}

/** What a service needs next. Pure. */
export function decideService(facts: ServiceFacts, memory: ServiceScalingMemory): ServiceDecision {
  const { children, now, service, nats } = facts;
  const voter = voterFacts(children);
  // While a model is waited for, what serves goes on serving.
  const desired = facts.desired?.name ?? voter?.revision;
  if (desired === undefined) return { currentSamplers: undefined };
  const revisions = revisionsOf(children, facts.metaRM !== undefined, (revision) => nats.drained.get(revision), now);
  const current = voter === undefined ? undefined : currentSize(facts, voter.revision, revisions.length > 1 || voter.revision !== desired ? decidedBefore(facts, memory) : {});
  const scaling = scaleService(service, current, nats.reading, memory, now);
  const step = planRollout({
    now,
    desired,
    size: scaling.size,
    settings: settingsOf(facts.rollout),
    settingsDigest: settingsDigest(facts.rollout),
    revisions,
    ...defined({ voter, gate: gateOf(facts, desired, voter === undefined), failed: facts.object.status?.rollout?.failed }),
  });
  return { step, scaling, desired, currentSamplers: voter === undefined ? undefined : componentFacts(children, 'sampler', voter.revision, now).wanted };
}

/** While revisions share the places, the serving one has fewer than the service is to have: what was decided before counts, as far as it is known. */
function currentSize({ children, now }: ServiceFacts, serving: string, decided: Partial<Size>): CurrentSize {
  const wanted = (component: string) => componentFacts(children, component, serving, now).wanted;
  return { sampler: decided.sampler ?? wanted('sampler'), metaRM: decided.metaRM ?? wanted('meta-rm') };
}

/** An operator that has just begun remembers nothing; of the samplers the status does. */
function decidedBefore({ object }: ServiceFacts, { size }: ServiceScalingMemory): Partial<Size> {
  return size ?? defined({ sampler: object.status?.scaling?.wanted });
}

function settingsOf({ maxSurge, maxUnavailable, progressDeadlineSeconds, gate }: RolloutSpec): RolloutSettings {
  return { maxSurge, maxUnavailable, progressDeadlineSeconds, ...defined({ gate: gate === undefined ? undefined : { deadlineSeconds: gate.deadlineSeconds } }) };
}

function gateOf({ rollout, nats, jobs }: ServiceFacts, revision: string, first: boolean): GateFacts | undefined {
  if (rollout.gate === undefined) return undefined;
  const job = jobs.find(({ metadata }) => metadata.labels?.[revisionLabel] === revision);
  return gateFacts(rollout.gate, nats.gateReport, job, first);
}
