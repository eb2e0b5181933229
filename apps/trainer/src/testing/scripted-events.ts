import type { RunEvent } from '../progress/run-event.ts';

const strayed = 'KL was above 0.5 nats a token for 5 steps up to step 2 (last: 0.612); back at step 1';

/** A short run in which everything happens that events tell of. */
export const scriptedEvents: readonly RunEvent[] = [
  { type: 'stage-started', stage: 'rft', steps: 1_200 },
  { type: 'stage-advanced', stage: 'rft', step: 600, steps: 1_200, metrics: { drawnRequests: 600 } },
  { type: 'artifact-saved', name: 'keptJudgements', uri: 'file:///kept', digest: 'sha256:0' },
  { type: 'stage-finished', stage: 'rft', state: 'Complete', metrics: { kept: 4321, loss: 0.61234 } },
  { type: 'stage-started', stage: 'grpo', steps: 3 },
  { type: 'worked', tokens: 1_000 },
  { type: 'stage-advanced', stage: 'grpo', step: 1, steps: 3, metrics: { reward: 0.25, kl: 0.0123456, liveGroups: 20, padding: 0.1 } },
  { type: 'checkpoint-saved', stage: 'grpo', step: 1, uri: 'file:///grpo-1', digest: 'sha256:1' },
  { type: 'checkpoint-verified', digest: 'sha256:1' },
  { type: 'worked', tokens: 4_000 },
  { type: 'stage-advanced', stage: 'grpo', step: 2, steps: 3, metrics: { reward: 0.5, kl: 0.6, liveGroups: 18 } },
  { type: 'noticed', stage: 'grpo', notice: { type: 'Warning', reason: 'KLRollback', message: strayed } },
  { type: 'condition-changed', condition: { type: 'KLWithinLimit', status: 'False', reason: 'RolledBack', message: strayed } },
  { type: 'stage-advanced', stage: 'grpo', step: 3, steps: 3, metrics: { reward: 0.75, kl: 0.3, liveGroups: 16 } },
  { type: 'artifact-saved', name: 'policy', uri: 'file:///policy', digest: 'sha256:2' },
  { type: 'stage-finished', stage: 'grpo', state: 'Complete', metrics: { rollbacks: 1 } },
  {
    type: 'evaluated',
    rows: [
      { suite: 'nanobench', method: 'greedy', measure: 'accuracy', accuracy: 0.712, low: 0.684, high: 0.74, items: 1000 },
      { suite: 'nanobench', method: 'greedy', category: 'chat', measure: 'accuracy', accuracy: 0.8, low: 0.7, high: 0.9, items: 250 },
      { suite: 'single', method: 'vote@8', measure: 'rocAuc', accuracy: 0.8125, low: 0.784, high: 0.84, items: 500 },
    ],
  },
  { type: 'noticed', notice: { type: 'Normal', reason: 'Suspending', message: 'told to stop' } },
  { type: 'run-finished', phase: 'Complete' },
];
