import type { TrainingSession, TrainingStep } from '@grm/language-model';
import { z } from 'zod';
import { BatchOrder } from '../batches/batch-order.ts';
import { learningRateShare } from '../batches/learning-rate-share.ts';
import type { StageContext, StageName } from './stage.ts';
import { StepMeter, trainStep } from './training-loop.ts';

type SupervisedObjective = 'crossEntropy' | 'binaryCrossEntropy';
type RowOf<Objective extends SupervisedObjective> = TrainingStep<Objective>['microBatches'][number][number];

export interface SupervisedTraining<Objective extends SupervisedObjective> {
  readonly stage: StageName;
  readonly context: StageContext;
  readonly session: TrainingSession<Objective>;
  readonly rows: readonly RowOf<Objective>[];
  /** Names a row in errors. */
  readonly nameOf: (row: number) => string;
  readonly settings: { readonly learningRate: number; readonly batchSize: number; readonly warmupSteps: number; readonly steps?: number; readonly epochs?: number };
  /** Where the settings name neither steps nor epochs. */
  readonly epochs: number;
  /** Unsigned 32-bit, for the order of the rows. */
  readonly seed: number;
  /** Added to the metrics that are reported. */
  readonly metrics?: Readonly<Record<string, number>>;
}

/** Beside the session's own state a supervised stage needs nothing to go on; the number of rows is held against those of before. */
const cursor = z.object({ rows: z.int() });

/** Steps between two points of the curve. */
const reportEvery = 5;

/**
 * Goes through rows for so many epochs or steps, the learning rate rising over the first and then falling to nothing; saves
 * checkpoints and goes on from the newest.
 * @returns the steps done; undefined where the run was stopped before the end, with its state saved
 * @throws {StageDivergedError}
 */
export async function trainSupervised<Objective extends SupervisedObjective>(options: SupervisedTraining<Objective>): Promise<number | undefined> {
  const { stage, context, session, rows, settings, seed } = options;
  const { checkpoints, stop, spec } = context;
  const order = new BatchOrder({ rows: rows.length, batchSize: settings.batchSize, seed });
  const steps = settings.steps ?? (settings.epochs ?? options.epochs) * order.stepsPerEpoch;
  const saved = await checkpoints.newest();
  const fits = saved !== undefined && cursor.parse(saved.cursor).rows === rows.length;
  if (fits) await session.importState(saved.state);
  else if (saved !== undefined) {
    const message = `the checkpoint of step ${saved.step} learnt from other rows than the ${rows.length} of now: the data has changed, so the stage starts from its beginning`;
    context.notice({ type: 'Warning', reason: 'CheckpointOfOtherData', message });
  }
  const save = async (step: number): Promise<void> =>
    void (await checkpoints.save({ step, state: await session.exportState(), cursor: { rows: rows.length } }));
  const meter = new StepMeter();
  context.started(steps);
  for (let step = fits ? saved.step : 0; step < steps; step += 1) {
    if (stop.aborted) {
      await save(step);
      return undefined;
    }
    const batch = order.at(step);
    const learningRate = settings.learningRate * learningRateShare(step, step / steps, { warmupSteps: settings.warmupSteps, decayFraction: 1 });
    const result = await trainStep(
      session,
      { microBatches: [batch.flatMap((row) => rows[row] ?? [])], learningRates: { adamW: learningRate } },
      { stage, step: step + 1, rows: batch.map(options.nameOf).join(', ') },
    );
    meter.add(result);
    context.worked(result.tokens);
    const done = step + 1;
    if (done % reportEvery === 0 || done === steps) context.advanced(done, steps, { ...options.metrics, ...meter.take(), learningRate });
    if (done % spec.checkpoint.everySteps === 0 && done < steps) await save(done);
  }
  return steps;
}
