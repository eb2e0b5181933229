import type { RunProgress } from '@grm/protocol';

const time = (seconds: number): string => new Date(1000 * seconds).toISOString();
const strayed = 'KL was above 0.5 nats a token for 5 steps up to step 20 (last: 0.612); back at step 10';

/** A run as its trainer writes it while its second stage runs; `step` is of that stage. */
export function scriptedProgress({ step = 12, ...changes }: Partial<RunProgress> & { readonly step?: number } = {}): RunProgress {
  return {
    phase: 'Running',
    stages: [
      { name: 'rft', state: 'Complete', step: 1200, steps: 1200, startedAt: time(0), finishedAt: time(725), metrics: { loss: 0.61234, kept: 4321, padding: 0.1 } },
      { name: 'grpo', state: 'Running', step, steps: 60, startedAt: time(730), metrics: { reward: step / 20, kl: 0.0123456, liveGroups: 20, length: 80 } },
      { name: 'evaluation', state: 'Pending', step: 0, steps: 0 },
    ],
    checkpoint: { stage: 'grpo', step: 10, time: time(800), uri: 'file:///grpo-10', digest: 'sha256:1', verified: true },
    usage: { gpuHours: 0, cpuHours: 1.23456, tokens: 12_345_678, tokensPerSecond: 1530.4, remainingSeconds: 244 },
    conditions: [
      { type: 'Progressing', status: 'True', reason: 'StageRunning', message: 'stage grpo', lastTransitionTime: time(0) },
      { type: 'KLWithinLimit', status: 'False', reason: 'RolledBack', message: strayed, lastTransitionTime: time(790) },
    ],
    notices: [{ time: time(790), type: 'Warning', reason: 'KLRollback', message: strayed, stage: 'grpo' }],
    updatedAt: time(842),
    heartbeatSeconds: 5,
    ...changes,
  };
}

/** What the evaluation at the end of such a run found. */
export const scriptedEvaluation: NonNullable<RunProgress['evaluation']> = [
  { suite: 'nanobench', method: 'greedy', measure: 'accuracy', accuracy: 0.712, low: 0.684, high: 0.74, items: 1000 },
  { suite: 'nanobench', method: 'greedy', category: 'chat', measure: 'accuracy', accuracy: 0.8, low: 0.7, high: 0.9, items: 250 },
  { suite: 'single', method: 'vote@8', measure: 'rocAuc', accuracy: 0.8125, low: 0.784, high: 0.84, items: 500 },
];
