import { Module, type DynamicModule } from '@nestjs/common';
import { openEmbeddedEngine } from '@grm/engine';
import { createTrainingSession } from '@grm/language-model';
import { Configuration, LOG, type Log } from '@grm/service-kit';
import type { StageTools } from './run/stage.ts';
import type { TrainerOptions } from './trainer-options.ts';
import { STAGE_TOOLS, TRAINER_OPTIONS, TrainingService } from './training.service.ts';

/** One training run in a process of its own. */
@Module({})
export class TrainerModule {
  static forRoot(configuration: Configuration, log: Log, options: TrainerOptions): DynamicModule {
    const tools: Omit<StageTools, 'openRollouts'> = { createTrainingSession, openEngine: openEmbeddedEngine };
    return {
      module: TrainerModule,
      providers: [
        { provide: Configuration, useValue: configuration },
        { provide: LOG, useValue: log },
        { provide: STAGE_TOOLS, useValue: tools },
        { provide: TRAINER_OPTIONS, useValue: options },
        TrainingService,
      ],
    };
  }
}
