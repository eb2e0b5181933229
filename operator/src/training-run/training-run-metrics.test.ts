import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { at, jobCondition, progress, run, time } from './testing/facts.fixture.ts';
import { registerTrainingRunMetrics } from './training-run-metrics.ts';
import type { TrainingRunObject } from './training-run-object.ts';

const checkpoint = { stage: 'grpo', step: 7, time: time(40), uri: 'file:///x', digest: 'sha256:ab', verified: true };
const training: TrainingRunObject = {
  ...run(),
  status: {
    phase: 'Running',
    restarts: 1,
    stages: [{ name: 'rft', state: 'Complete', step: 5, steps: 5 }, { name: 'grpo', state: 'Running', step: 7, steps: 10 }, { name: 'metaRM', state: 'Pending', step: 0, steps: 0 }],
    checkpoint,
  },
};

async function linesOf(runs: () => readonly TrainingRunObject[]): Promise<() => Promise<string[]>> {
  const registry = new Registry();
  registerTrainingRunMetrics({ registry, runs, progress: () => progress({}, 90), now: () => at(100) });
  return async () => (await registry.metrics()).split('\n').filter((line) => line.startsWith('grm_') && !line.endsWith(' 0'));
}

it('says where a run is, how long its trainer has been silent, and what losing it would cost', async () => {
  const lines = await linesOf(() => [training]);
  expect(await lines()).toEqual([
    'grm_training_run_phase{namespace="team",name="nano",phase="Running"} 1',
    'grm_training_run_step{namespace="team",name="nano",stage="rft"} 5',
    'grm_training_run_step{namespace="team",name="nano",stage="grpo"} 7',
    'grm_training_run_restarts{namespace="team",name="nano"} 1',
    'grm_training_run_heartbeat_age_seconds{namespace="team",name="nano"} 10',
    'grm_training_run_checkpoint_age_seconds{namespace="team",name="nano"} 60',
  ]);
});

it('has nothing of a run that is gone, and no ages of one that has ended', async () => {
  let runs = [training];
  const lines = await linesOf(() => runs);
  await lines();
  runs = [{ ...training, status: { ...training.status, phase: 'Complete', conditions: [jobCondition('Complete', 'StagesComplete')] } }];
  expect((await lines()).filter((line) => line.includes('age_seconds'))).toEqual([]);
  runs = [];
  expect(await lines()).toEqual([]);
});
