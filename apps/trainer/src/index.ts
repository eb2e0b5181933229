export { measureJudge, type JudgeMeasurement, type MeasureOptions } from './evaluation/measure-judge.ts';
export type { LabelledItem } from './stages/meta-rm/judging-items.ts';
export { openQueuedRollouts, type QueuedRollouts, type QueuedRolloutsOptions } from './rollouts/queued/queued-rollouts.ts';
export type { DrawingPolicy, DrawOptions, Rollouts } from './rollouts/rollouts.ts';
export { parseTrainerOptions, usage, type TrainerOptions } from './trainer-options.ts';
export { TrainerModule } from './trainer.module.ts';
export { TrainingService } from './training.service.ts';
