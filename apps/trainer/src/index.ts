export { parseTrainerOptions, usage, type TrainerOptions } from './trainer-options.ts';
export { TrainerModule } from './trainer.module.ts';
export { TrainingService } from './training.service.ts';
export { judgementRow, promptTokens } from './judgements/encode-judgement.ts';
export { LocalRollouts } from './rollouts/local-rollouts.ts';
export { drawGroups } from './stages/grpo/draw-groups.ts';
export { groupRows, type Rollout } from './stages/grpo/group-rows.ts';
