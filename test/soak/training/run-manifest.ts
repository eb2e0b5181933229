import { stringify } from 'yaml';

/** A run through all stages of learning, long enough to be disturbed for a while. @param minutes what it takes at the least, about, on one core that it shares */
export function runManifest(name: string, minutes: number): string {
  const steps = (each: number): number => Math.max(6, Math.round(each * minutes));
  return stringify({
    apiVersion: 'grm.dev/v1alpha1',
    kind: 'GRMTrainingRun',
    metadata: { name },
    spec: {
      base: { builtin: 'nano-base' },
      data: [{ name: 'pairs', builtin: 'nanobench' }],
      stages: {
        rft: { items: 48, batchSize: 16, steps: steps(8), general: { corpus: { builtin: 'nanobench' } } },
        grpo: { batchSize: 16, steps: steps(16) },
        metaRM: { items: 32, samplesPerItem: 2, batchSize: 16, steps: steps(8) },
      },
      checkpoint: { everySteps: 4, keep: 2, to: { objectStore: { bucket: 'soak-checkpoints' } } },
      engine: { embedded: { threads: 1 } },
      // Every kill counts as a failure.
      backoffLimit: 100,
    },
  });
}
