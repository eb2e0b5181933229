import type { openEmbeddedEngine } from '@grm/engine';
import type { createTrainingSession } from '@grm/language-model';
import type { EvaluationRow } from '@grm/protocol';
import type { TrainingRunSpec } from '@grm/resources';
import type { StageCheckpoints } from '../checkpoints/stage-checkpoints.ts';
import type { ArtifactName, ConditionChange, Notice, StageMetrics } from '../progress/run-event.ts';
import type { Rollouts } from '../rollouts/rollouts.ts';

export const stageNames = ['pretrain', 'rft', 'grpo', 'metaRM', 'evaluation'] as const;
export type StageName = (typeof stageNames)[number];

/** What stages do their work with; stood in for in tests. */
export interface StageTools {
  readonly createTrainingSession: typeof createTrainingSession;
  readonly openEngine: typeof openEmbeddedEngine;
  /** Opens whoever draws for rft and grpo. */
  readonly openRollouts: (signal: AbortSignal) => Promise<Rollouts>;
}

export interface StageContext {
  readonly spec: TrainingRunSpec;
  /** The run's folder. */
  readonly runFolder: string;
  /** The stage's own folder, made already. */
  readonly folder: string;
  /** The folder of another stage of this run, for what it left there; it need not exist. */
  folderOf(stage: StageName): string;
  /** Folder of the policy so far: the base model's, or the one that a stage before has saved. */
  readonly policy: string | undefined;
  /** Folder of the model that the run started from. */
  readonly base: string | undefined;
  /** Folder of the run's meta RM, where a stage has trained one. */
  readonly metaRM: string | undefined;
  readonly tools: StageTools;
  /** The states that the stage is saved in while it lasts. */
  readonly checkpoints: StageCheckpoints;
  /** Aborted when the run is to stop: finish the step, save a checkpoint, return. */
  readonly stop: AbortSignal;
  started(steps: number): void;
  advanced(step: number, steps: number, metrics: StageMetrics): void;
  /** Tokens drawn or trained on. */
  worked(tokens: number): void;
  notice(notice: Notice): void;
  condition(condition: ConditionChange): void;
  evaluated(rows: readonly EvaluationRow[]): void;
  /** Puts a finished folder in the place of the run's artefact; the folder is moved. @returns the place */
  publish(name: ArtifactName, folder: string): Promise<string>;
}

export interface StageOutcome {
  /** `stopped`: cut short by `stop`, with what is needed to go on saved. */
  readonly state: 'complete' | 'stopped';
  readonly metrics: StageMetrics;
}

/** One stage of a run: a folder under `stages/` and a line in `run/stages.ts`. */
export interface Stage {
  readonly name: StageName;
  /** Whether the run asks for it. */
  readonly wanted: (spec: TrainingRunSpec) => boolean;
  readonly run: (context: StageContext) => Promise<StageOutcome>;
}
