import type { TrainingRunSpec } from '@grm/resources';
import type { Assumptions } from './assumptions/assumptions.ts';
import type { Cluster } from './cluster/device.ts';
import type { Phase } from './phases/phase.ts';

/** What a reader should know besides the figures: where the manifest or the cluster makes them other than one would think. */
export function notesOn(spec: TrainingRunSpec, phases: readonly Phase[], cluster: Cluster, assumptions: Assumptions): string[] {
  return [...idleDevices(phases, cluster), ...ofManifest(spec, cluster), ...shortened(spec, assumptions)];
}

function idleDevices(phases: readonly Phase[], { device, count }: Cluster): string[] {
  if (device.kind === 'cpu') return [];
  return phases.flatMap((phase) => {
    if (phase.kind !== 'train') return [];
    const rounds = Math.ceil(phase.rowsPerStep / count);
    const busy = phase.rowsPerStep / (rounds * count);
    if (busy > 0.9) return [];
    const rows = Math.round(phase.rowsPerStep).toLocaleString('en-US');
    return [`${phase.stage}: ${rows} rows a step keep ${count} devices busy for ${(busy * 100).toFixed(0)} % of the time; each takes whole rows.`];
  });
}

function ofManifest({ model, stages, rollouts }: TrainingRunSpec, { device }: Cluster): string[] {
  return [
    ...(model === undefined ? [] : [`The vocabulary has at most ${model.vocabularySize.toLocaleString('en-US')} pieces; a small corpus gives fewer, and a smaller model.`]),
    ...(stages.rft?.kept === undefined ? [] : ['rft draws nothing: rft.kept names judgements that are there.']),
    ...(rollouts.replicas > 0 && device.kind === 'gpu' ? ['rollouts are for sampler processes on CPUs; here judgements are drawn on the same GPUs.'] : []),
  ];
}

function shortened({ stages }: TrainingRunSpec, { judgementTokens }: Assumptions): string[] {
  const limits = [stages.rft, stages.grpo, stages.metaRM, stages.evaluation].flatMap((stage) => (stage === undefined ? [] : [stage.maxTokens]));
  const least = Math.min(...limits);
  return least < judgementTokens ? [`maxTokens cuts judgements off at ${least}, under their mean of ${judgementTokens}.`] : [];
}
