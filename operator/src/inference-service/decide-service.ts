import { gateFacts } from './facts/gate-facts.ts';
import { componentFacts, revisionsOf, voterFacts } from './facts/revision-facts.ts';
import { settingsDigest } from './gather.ts';
import { planRollout } from './rollout/plan-rollout.ts';
import type { RolloutStep } from './rollout/rollout-step.ts';
import { scaleService, type ServiceScaling, type ServiceScalingMemory } from './scaling/service-scaling.ts';
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
  const { children, now, service, rollout, nats } = facts;
  const voter = voterFacts(children);
  // While a model is waited for, what serves goes on serving.
  const desired = facts.desired?.name ?? voter?.revision;
  if (desired === undefined) return { currentSamplers: undefined };
  const serving = voter?.revision;
  const total = (component: string): number | undefined => (serving === undefined ? undefined : componentFacts(children, component, serving, now).wanted);
  const [samplers, metaRMs] = [total('sampler'), total('meta-rm')];
  const revisions = revisionsOf(children, facts.metaRM !== undefined, (revision) => nats.drained.get(revision), now);
  // While revisions share the places, the serving one has fewer than the service is to have: what was decided before counts.
  const rolling = revisions.length > 1 || (serving !== undefined && serving !== desired);
  const current = samplers === undefined ? undefined : { sampler: rolling ? (facts.object.status?.scaling?.wanted ?? samplers) : samplers, metaRM: metaRMs ?? 0 };
  const scaling = scaleService(service, current, nats.reading, memory, now);
  const gate = rollout.gate === undefined ? undefined : gateFacts(rollout.gate, nats.gateReport, facts.jobs.find((job) => job.metadata.labels?.['grm.dev/revision'] === desired), serving === undefined);
  const { failed } = facts.object.status?.rollout ?? {};
  const step = planRollout({
    now,
    desired,
    size: scaling.size,
    settings: { maxSurge: rollout.maxSurge, maxUnavailable: rollout.maxUnavailable, progressDeadlineSeconds: rollout.progressDeadlineSeconds, ...(rollout.gate === undefined ? {} : { gate: { deadlineSeconds: rollout.gate.deadlineSeconds } }) },
    settingsDigest: settingsDigest(facts),
    revisions,
    ...(voter === undefined ? {} : { voter }),
    ...(gate === undefined ? {} : { gate }),
    ...(failed === undefined ? {} : { failed }),
  });
  return { step, scaling, currentSamplers: samplers, desired };
}
