import type { Checkpoint, StepResult, TrainingSession, TrainingState, WeightTensor } from '@grm/language-model';
import type { GRPOStage } from '@grm/resources';
import { sampleSeed } from '@grm/spct';
import { z } from 'zod';
import { BatchOrder } from '../../batches/batch-order.ts';
import type { TrainingItem } from '../../items/training-item.ts';
import { promptTokens } from '../../judgements/encode-judgement.ts';
import type { StageMetrics } from '../../progress/run-event.ts';
import { streamSeed } from '../../run/seed-streams.ts';
import type { StageContext } from '../../run/stage.ts';
import { trainStep } from '../../run/training-loop.ts';
import type { Rollouts } from '../../rollouts/rollouts.ts';
import { drawGroups } from './draw-groups.ts';
import { groupRows, type GroupRows, type Rollout } from './group-rows.ts';
import { KlBreachError } from './kl-breach-error.ts';
import { calmGuard, watchKl } from './kl-guard.ts';
import { UnanimousGroupsError } from './unanimous-groups-error.ts';

/** Steps in a row without a group to learn from, after which the stage ends. */
const deadStepsAtMost = 10;

/** What the stage goes on from beside the session's state. */
const cursor = z.strictObject({
  guard: z.strictObject({ above: z.int(), rollbacks: z.int(), recent: z.array(z.number()) }),
  /** Steps in a row in which no group had both rewards. */
  deadSteps: z.int(),
  /** Groups so far that were left out since all their rewards were equal. */
  unanimousGroups: z.int(),
});
type Cursor = z.infer<typeof cursor>;

export interface PolicyOptimisationOptions {
  readonly context: StageContext;
  readonly stage: GRPOStage;
  /** What the stage starts from; the reference. */
  readonly policy: Checkpoint;
  readonly items: readonly TrainingItem[];
  readonly rollouts: Rollouts;
  readonly session: TrainingSession<'policyGradient'>;
}

/** The steps of the stage: draw, reward, learn; go back when the policy strays. */
export class PolicyOptimisation {
  readonly #options: PolicyOptimisationOptions;
  readonly #order: BatchOrder;
  #step = 0;
  #cursor: Cursor = { guard: { ...calmGuard, recent: [] }, deadSteps: 0, unanimousGroups: 0 };
  #metrics: StageMetrics = {};

  constructor(options: PolicyOptimisationOptions) {
    this.#options = options;
    const { context, stage, items } = options;
    this.#order = new BatchOrder({ rows: items.length, batchSize: stage.batchSize / stage.groupSize, seed: streamSeed(context.spec.seed, 'grpoOrder') });
  }

  get metrics(): StageMetrics {
    return { ...this.#metrics, rollbacks: this.#cursor.guard.rollbacks, unanimousGroups: this.#cursor.unanimousGroups };
  }

  exportTensors(): Promise<ReadonlyMap<string, WeightTensor>> {
    return this.#options.session.exportTensors();
  }

  /** @returns whether it came to its end; else the run was stopped, with its state saved */
  async run(): Promise<boolean> {
    const { context, stage, session } = this.#options;
    const { stop, checkpoints, spec } = context;
    const start = await session.exportState();
    await this.#resume();
    context.started(stage.steps);
    while (this.#step < stage.steps) {
      if (stop.aborted) return await this.#stopped();
      const groups = await this.#draw();
      if (groups === undefined) return await this.#stopped();
      const drawn = this.#rowsOf(groups);
      const results = await this.#learn(drawn);
      this.#step += 1;
      this.#account(drawn, results);
      if (this.#strayed(results.at(-1)?.metrics['kl'] ?? 0)) await this.#rollBack(start);
      else if (this.#step % spec.checkpoint.everySteps === 0 && this.#step < stage.steps && this.#cursor.guard.above === 0) {
        await checkpoints.save({ step: this.#step, state: await session.exportState(), cursor: this.#cursor });
      }
    }
    return true;
  }

  async #resume(): Promise<void> {
    const { context, session } = this.#options;
    const saved = await context.checkpoints.newest();
    if (saved === undefined) return;
    await session.importState(saved.state);
    this.#step = saved.step;
    this.#cursor = cursor.parse(saved.cursor);
  }

  async #stopped(): Promise<false> {
    const { context, session } = this.#options;
    await context.checkpoints.save({ step: this.#step, state: await session.exportState(), cursor: this.#cursor });
    return false;
  }

  /** The step's judgements by the policy as it is, in groups of one item. Undefined where the run was stopped. */
  async #draw(): Promise<Rollout[][] | undefined> {
    const { context, stage, policy, items, rollouts, session } = this.#options;
    const { spec, stop } = context;
    const asked = this.#order.at(this.#step).flatMap((index) => items[index] ?? []);
    // After a roll-back other judgements are drawn than those that led astray.
    const seed = sampleSeed(sampleSeed(streamSeed(spec.seed, 'grpoSamples'), this.#cursor.guard.rollbacks), this.#step);
    try {
      const { groups, promptTokens: tokens } = await drawGroups(asked, { spec, stage, policy, tensors: await session.exportTensors(), rollouts, seed, signal: stop });
      context.worked(tokens);
      return groups;
    } catch (error) {
      if (stop.aborted && error === stop.reason) return undefined;
      throw error;
    }
  }

  #rowsOf(groups: readonly (readonly Rollout[])[]): GroupRows {
    const { context, policy } = this.#options;
    return groupRows(groups, (rollout) => promptTokens(rollout, context.spec, policy), policy.config.maxPositions);
  }

  /** The optimizer steps on one batch of judgements; none where no group had both rewards. */
  async #learn({ rows, names }: GroupRows): Promise<StepResult[]> {
    const { context, stage, session } = this.#options;
    const results: StepResult[] = [];
    if (rows.length === 0) return results;
    for (let epoch = 0; epoch < stage.innerEpochs; epoch += 1) {
      // The first step of a batch is by the very policy that drew it: its ratio is 1.
      const learnt = epoch === 0 ? rows.map(({ tokens, weights, advantage }) => ({ tokens, weights, advantage })) : rows;
      const result = await trainStep(
        session,
        { microBatches: [learnt], learningRates: { adamW: this.#learningRate }, normalizer: rows.length },
        { stage: 'grpo', step: this.#step + 1, rows: names },
      );
      context.worked(result.tokens);
      results.push(result);
    }
    return results;
  }

  get #learningRate(): number {
    const { learningRate, warmupSteps } = this.#options.stage;
    const warm = warmupSteps === 0 ? 1 : Math.min(1, (this.#step + 1) / warmupSteps);
    return (learningRate * warm) / 2 ** this.#cursor.guard.rollbacks;
  }

  #account(drawn: GroupRows, results: readonly StepResult[]): void {
    const { context, stage } = this.#options;
    const { live, unanimous, right, length, unreadable } = drawn;
    const last = results.at(-1);
    this.#cursor = {
      ...this.#cursor,
      deadSteps: live === 0 ? this.#cursor.deadSteps + 1 : 0,
      unanimousGroups: this.#cursor.unanimousGroups + unanimous,
    };
    this.#metrics = {
      reward: 2 * right - 1,
      right,
      unreadable,
      length,
      liveGroups: live,
      ...(last === undefined
        ? {}
        : {
            loss: last.loss,
            gradientNorm: last.gradientNorm,
            ...last.metrics,
            padding: Math.max(0, 1 - last.tokens / last.paddedTokens),
            learningRate: this.#learningRate,
          }),
    };
    context.advanced(this.#step, stage.steps, this.metrics);
    const { deadSteps } = this.#cursor;
    if (deadSteps >= deadStepsAtMost) throw new UnanimousGroupsError({ steps: deadSteps, groups: deadSteps * (live + unanimous), right });
  }

  /** Whether the policy is to be taken back. @throws {KlBreachError} when it must not go on at all */
  #strayed(kl: number): boolean {
    const { klGuard } = this.#options.stage;
    const { state, verdict } = watchKl(this.#cursor.guard, kl, klGuard);
    this.#cursor = { ...this.#cursor, guard: { ...state, recent: [...state.recent] } };
    if (verdict === 'fail') throw new KlBreachError({ step: this.#step, limit: klGuard.limit, rollbacks: state.rollbacks, recent: state.recent });
    return verdict === 'roll-back';
  }

  /** Back to the last good checkpoint, or where there is none to the start, with the learning rate halved. */
  async #rollBack(start: TrainingState): Promise<void> {
    const { context, stage, session } = this.#options;
    const good = await context.checkpoints.newest();
    const from = this.#step;
    await session.importState(good?.state ?? start);
    this.#step = good?.step ?? 0;
    const { guard } = this.#cursor;
    const message = `KL was above ${stage.klGuard.limit} nats a token for ${stage.klGuard.patience} steps up to step ${from} (last: ${guard.recent.at(-1)?.toFixed(3) ?? '?'}); back at step ${this.#step} with the learning rate halved to ${this.#learningRate.toPrecision(3)}`;
    context.notice({ type: 'Warning', reason: 'KLRollback', message });
    context.condition({ type: 'KLWithinLimit', status: 'False', reason: 'RolledBack', message });
  }
}
