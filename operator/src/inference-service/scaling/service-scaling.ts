import type { GRMInferenceService, GRMInferenceServiceStatus, ServiceWorker } from '@grm/resources';
import type { WorkReading } from '../../nats/service-nats.ts';
import type { Size } from '../rollout/rollout-facts.ts';
import { defined } from '../../objects/defined.ts';
import { decideReplicas, type ScalingDecision, type ScalingMemory } from './decide-replicas.ts';

/** What is remembered of a service's scaling between two looks. */
export interface ServiceScalingMemory {
  readonly sampler?: ScalingMemory;
  readonly metaRM?: ScalingMemory;
  /** What was decided last: while revisions share the places, no Deployment says it. */
  readonly size?: Size;
}

export interface ServiceScaling {
  readonly size: Size;
  readonly memory: ServiceScalingMemory;
  /** Of the samplers; absent where nothing scales them. */
  readonly decision?: ScalingDecision;
}

export interface CurrentSize {
  readonly sampler: number;
  readonly metaRM: number;
}

/** How many workers there are to be: as many as the spec says, or as many as what waits asks for. */
export function scaleService({ spec }: GRMInferenceService, current: CurrentSize | undefined, reading: WorkReading | undefined, before: ServiceScalingMemory, at: number): ServiceScaling {
  const sampler = scaleWorker(spec.sampler, current?.sampler, reading === undefined ? {} : { backlog: reading.samples, ...rate(reading.samplesPerSecond) }, before.sampler, at);
  const metaRM = spec.metaRM === undefined ? undefined : scaleWorker(spec.metaRM, current?.metaRM, reading === undefined ? {} : { backlog: reading.metaRM, ...rate(reading.judgementsPerSecond) }, before.metaRM, at);
  const size = { sampler: sampler.replicas, ...defined({ metaRM: metaRM?.replicas }) };
  return { size, memory: { size, ...defined({ sampler: sampler.decision?.memory, metaRM: metaRM?.decision?.memory }) }, ...defined({ decision: sampler.decision }) };
}

interface ScaledWorker {
  readonly replicas: number;
  readonly decision?: ScalingDecision;
}

function scaleWorker({ replicas, autoscaling }: ServiceWorker, current: number | undefined, seen: { readonly backlog?: number; readonly samplesPerSecond?: number }, memory: ScalingMemory | undefined, at: number): ScaledWorker {
  if (autoscaling === undefined) return { replicas: replicas ?? 1 };
  // A service that begins has its least; nothing can wait for it yet.
  if (current === undefined) return { replicas: Math.max(1, autoscaling.minReplicas) };
  const decision = decideReplicas(autoscaling, { at, current, ...seen }, memory);
  return { replicas: decision.replicas, decision };
}

const rate = (samplesPerSecond: number | undefined) => (samplesPerSecond === undefined ? {} : { samplesPerSecond });

/** Decisions that are kept in status. */
const kept = 10;

type ScalingStatus = NonNullable<GRMInferenceServiceStatus['scaling']>;

/** What the status says of scaling. The backlog is written only with a decision or when it has moved much: it changes all the time. */
export function scalingStatus(before: ScalingStatus | undefined, { decision }: ServiceScaling, current: number | undefined, reading: WorkReading | undefined, at: number): ScalingStatus | undefined {
  if (decision === undefined) return undefined;
  const { replicas, reason, message } = decision;
  const from = current ?? replicas;
  const backlog = reading?.samples;
  if (replicas === from && isSteady(before, decision, backlog)) return before;
  const time = new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
  const entry = { at: time, from, to: replicas, reason, ...defined({ backlog }) };
  const history = before?.history ?? [];
  const rate = reading?.samplesPerSecond;
  return {
    wanted: replicas,
    reason,
    message,
    decidedAt: time,
    history: replicas === from ? history : [entry, ...history].slice(0, kept),
    ...defined({ backlog, samplesPerSecond: rate === undefined ? undefined : rounded(rate) }),
  };
}

const isSteady = (before: ScalingStatus | undefined, { replicas, reason }: ScalingDecision, backlog: number | undefined): boolean =>
  before?.reason === reason && before.wanted === replicas && near(before.backlog, backlog);

/** Known or unknown alike, and within a quarter of one another. */
function near(one: number | undefined, other: number | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return Math.abs(one - other) <= Math.max(one, other) / 4;
}

/** Three digits are enough to look at, and change less often. */
export const rounded = (value: number): number => Number(value.toPrecision(3));
