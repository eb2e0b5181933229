import type { GRMTrainingRun } from '@grm/resources';
import type { Architecture } from './architecture/architecture.ts';
import { cacheSize } from './architecture/cache-size.ts';
import { countParameters, type ParameterCount } from './architecture/count-parameters.ts';
import { assume, type Assumed, describeAssumptions } from './assumptions/assumption-table.ts';
import type { Assumptions } from './assumptions/assumptions.ts';
import { concernsOf } from './assumptions/concerns-of.ts';
import type { Cluster } from './cluster/device.ts';
import { NUMBER_BYTES } from './cost/generation-cost.ts';
import { estimatePhase, type PhaseEstimate } from './estimate-phase.ts';
import { notesOn } from './notes.ts';
import { phasesOfRun } from './phases/phases-of-run.ts';
import type { RunFacts } from './phases/run-facts.ts';
import { sumPhases, type Sum } from './sum-phases.ts';
import { type Misfit, misfits } from './misfits.ts';

export interface RunToEstimate {
  readonly run: GRMTrainingRun;
  readonly facts: RunFacts;
  readonly cluster: Cluster;
  /** In place of the standard values. */
  readonly assumptions?: Partial<Assumptions>;
}

export interface RunEstimate {
  readonly run: { readonly namespace: string; readonly name: string };
  readonly model: ModelEstimate;
  readonly cluster: Cluster;
  readonly assumptions: Assumptions;
  /** The same for readers. */
  readonly assumed: readonly Assumed[];
  /** In the order in which they go on. */
  readonly phases: readonly PhaseEstimate[];
  readonly stages: readonly Sum[];
  readonly total: Omit<Sum, 'stage'>;
  /** Phases whose memory is not there, with what would help; empty where the run fits. */
  readonly misfits: readonly Misfit[];
  /** What a reader should know besides. */
  readonly notes: readonly string[];
}

export interface ModelEstimate extends Pick<ParameterCount, 'total' | 'active'> {
  readonly family: string;
  /** Bytes of keys and values that a token adds to the cache. */
  readonly cacheBytesPerToken: number;
}

/**
 * What a run takes, before anything runs.
 * @throws {EstimateError} when assumptions contradict each other or a number of judgements is not known.
 */
export function estimateRun({ run, facts, cluster, assumptions: given }: RunToEstimate): RunEstimate {
  const { policy } = facts;
  const context = { template: run.spec.template, kind: cluster.device.kind, contextLength: policy.contextLength };
  const assumptions = assume(context, given);
  const phases = phasesOfRun(run.spec, facts, assumptions);
  const estimates = phases.map((phase) => estimatePhase(phase, cluster, assumptions));
  const { namespace, name } = run.metadata;
  const { stages, total } = sumPhases(estimates);
  return {
    run: { namespace, name },
    model: modelEstimate(policy, cluster),
    cluster,
    assumptions,
    assumed: describeAssumptions(assumptions, context, concernsOf(run.spec, phases)),
    phases: estimates,
    stages,
    total,
    misfits: misfits(phases, cluster, assumptions),
    notes: notesOn(run.spec, phases, cluster, assumptions),
  };
}

function modelEstimate(policy: Architecture, { device }: Cluster): ModelEstimate {
  const { total, active } = countParameters(policy);
  return { family: policy.family, total, active, cacheBytesPerToken: NUMBER_BYTES[device.kind] * cacheSize(policy, 1) };
}
