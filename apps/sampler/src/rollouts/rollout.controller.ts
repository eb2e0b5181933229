import { ModelUnavailableError } from '@grm/engine';
import { GrmError, type RolloutResult, type RolloutSuccess, type RolloutTask, type StaleRollout } from '@grm/protocol';
import { EngineWatch, inSpan, PolicyStore, PolicyUnavailableError, TaskAnswers, type WorkContext, WorkHandler } from '@grm/service-kit';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { requestErrorOf } from '../request-error-of.ts';
import { drawRollouts } from './draw-rollouts.ts';
import { PolicyEngine } from './policy-engine.ts';
import { RolloutMetrics } from './rollout-metrics.ts';

/** Draws judgements for a training run with the policy that the task names. */
@Controller()
export class RolloutController {
  constructor(
    @Inject(PolicyEngine) private readonly engine: PolicyEngine,
    @Inject(PolicyStore) private readonly policies: PolicyStore,
    @Inject(TaskAnswers) private readonly answers: TaskAnswers,
    @Inject(EngineWatch) private readonly watch: EngineWatch,
    @Inject(RolloutMetrics) private readonly metrics: RolloutMetrics,
  ) {}

  @WorkHandler('rollout')
  async handle(@Payload() task: RolloutTask, @Ctx() context: WorkContext): Promise<void> {
    await this.answers.answer(task, context, async (signal) => {
      const result = await this.#answer(task, context, signal);
      this.metrics.answered(result, this.engine.fetched);
      return result;
    });
  }

  /** @throws GrmError `invalid-request`, answered as it is; `model-unavailable`, with which the task goes to another sampler */
  async #answer(task: RolloutTask, context: WorkContext, signal: AbortSignal): Promise<RolloutResult> {
    try {
      const isFault = (error: unknown) => error instanceof ModelUnavailableError || error instanceof PolicyUnavailableError;
      return await this.watch.run(() => this.#drawUnlessStale(task, context, signal), isFault);
    } catch (error) {
      if (error instanceof ModelUnavailableError || error instanceof PolicyUnavailableError) throw new GrmError('model-unavailable', error.message, { cause: error });
      throw requestErrorOf(error, "shorten the run's data");
    }
  }

  async #drawUnlessStale(task: RolloutTask, context: WorkContext, signal: AbortSignal): Promise<RolloutResult> {
    const stale = await this.#staleness(task);
    if (stale !== undefined) return stale;
    try {
      return await this.#draw(task, context, signal);
    } catch (error) {
      // The weights of a policy that is two behind are removed.
      const late = error instanceof PolicyUnavailableError ? await this.#staleness(task) : undefined;
      if (late === undefined) throw error;
      return late;
    }
  }

  async #staleness({ requestId, taskId, policy }: RolloutTask): Promise<StaleRollout | undefined> {
    const newest = await this.policies.newest();
    return newest === undefined || newest === policy.revision ? undefined : { requestId, taskId, stale: { asked: policy.revision, newest } };
  }

  async #draw(task: RolloutTask, { queuedAt, deliveries }: WorkContext, signal: AbortSignal): Promise<RolloutSuccess> {
    const { requestId, taskId, policy } = task;
    const startedAt = Date.now();
    const attributes = {
      'gen_ai.operation.name': 'text_completion',
      'gen_ai.request.model': policy.revision,
      'gen_ai.request.temperature': task.temperature,
      'gen_ai.request.max_tokens': task.maxTokens,
      'gen_ai.request.choice.count': task.items.reduce((sum, { samples }) => sum + samples.length, 0),
    };
    const draw = () => this.engine.drawWith(policy, (engine) => drawRollouts(task, engine, signal), signal);
    const drawn = await inSpan({ name: `text_completion ${policy.name}`, attributes }, draw);
    return { requestId, taskId, ...drawn, policy: policy.revision, deliveries, timings: { queueMs: Math.max(0, startedAt - queuedAt), runMs: Date.now() - startedAt } };
  }
}
