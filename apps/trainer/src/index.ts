export { parseTrainerOptions, usage, type TrainerOptions } from './trainer-options.ts';
export { TrainerModule } from './trainer.module.ts';
export { TrainingService } from './training.service.ts';
