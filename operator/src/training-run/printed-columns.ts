import type { TrainingRunStatus } from './status-types.ts';

type Printed = Pick<TrainingRunStatus, 'stage' | 'progress' | 'accuracy'>;

/** What `kubectl get` shows of stages and evaluation: a printer column can point at a field, and no more. */
export function printedColumns({ stages = [], evaluation = [] }: TrainingRunStatus): Printed {
  const stage = stages.find(({ state }) => state === 'Running');
  const overall = evaluation.filter(({ category, measure }) => category === undefined && measure === 'accuracy').map(({ accuracy }) => accuracy);
  return {
    ...(stage === undefined ? {} : { stage: stage.name, progress: `${stage.step}/${stage.steps}` }),
    ...(overall.length === 0 ? {} : { accuracy: Math.max(...overall).toFixed(3) }),
  };
}
