import type { GRMTrainingRun } from '@grm/resources';
import type { Assumptions } from '../assumptions/assumptions.ts';
import { clusterOf, type ClusterOptions } from '../cluster/cluster-of.ts';
import type { PhaseEstimate } from '../estimate-phase.ts';
import { estimateRun, type RunEstimate } from '../estimate-run.ts';
import type { RunFacts } from '../phases/run-facts.ts';
import { readArchitecture, specified } from './published.ts';

export const gemma = readArchitecture('examples/deepseek-grm-27b/base');
export const lite = readArchitecture('examples/deepseek-grm-16b/base');

/** The least that a run with a base needs besides its stages. */
export const base = { volume: { path: 'base' } };
export const data = [{ name: 'pairs', builtin: 'nanobench' }];
export const corpus = { volume: { path: 'texts' } };

export interface Given extends ClusterOptions {
  readonly facts?: RunFacts;
  readonly assumptions?: Partial<Assumptions>;
}

/** An estimate of a run of Gemma-2-27B, unless other facts are given. */
export function estimate(run: GRMTrainingRun, { facts = { policy: gemma, filter: lite }, assumptions = {}, ...options }: Given = {}): RunEstimate {
  return estimateRun({ run, facts, cluster: clusterOf(run.spec, options), assumptions });
}

/** The same on 64 A100, with the published template. */
export const big = (stages: object, given: Given = {}): RunEstimate =>
  estimate(specified({ base, template: 'Published', data, stages }), { device: 'A100-80GB', count: 64, ...given });

export function phase({ phases }: RunEstimate, stage: string, work: string): PhaseEstimate {
  const found = phases.find((each) => each.stage === stage && each.work === work);
  if (found === undefined) throw new Error(`no phase ${stage} ${work}`);
  return found;
}
