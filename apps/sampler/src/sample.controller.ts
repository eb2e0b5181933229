import { ModelUnavailableError } from '@grm/engine';
import { GrmError, type SampleTask, type WriteTask } from '@grm/protocol';
import { Configuration, EngineWatch, inSpan, TaskAnswers, type WorkContext, WorkHandler, WorkerLife } from '@grm/service-kit';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { type DrawOptions, drawSamples } from './draw-samples.ts';
import { SAMPLER_ENGINE, type SamplerEngine } from './sampler-engine.ts';
import { SamplerMetrics } from './sampler-metrics.ts';
import { writeAnswers } from './write-answers.ts';

interface Timed {
  readonly timings: { readonly queueMs: number; readonly runMs: number };
}

/** Draws what a task asks for, judgements or answers, and answers whoever asked for it. */
@Controller()
export class SampleController {
  constructor(
    @Inject(SAMPLER_ENGINE) private readonly engine: SamplerEngine,
    @Inject(Configuration) private readonly configuration: Configuration,
    @Inject(TaskAnswers) private readonly answers: TaskAnswers,
    @Inject(EngineWatch) private readonly watch: EngineWatch,
    @Inject(SamplerMetrics) private readonly metrics: SamplerMetrics,
    @Inject(WorkerLife) private readonly life: WorkerLife,
  ) {}

  @WorkHandler('sample')
  async sample(@Payload() task: SampleTask, @Ctx() context: WorkContext): Promise<void> {
    await this.answers.answer(task, context, async (signal) => {
      const result = await this.#run(task, task.samples.length, context, signal, (options) => drawSamples(task, options));
      this.metrics.drawn(result);
      return result;
    });
  }

  @WorkHandler('write')
  async write(@Payload() task: WriteTask, @Ctx() context: WorkContext): Promise<void> {
    await this.answers.answer(task, context, async (signal) => {
      const result = await this.#run(task, task.answers.length, context, signal, (options) => writeAnswers(task, options));
      this.metrics.written(result);
      return result;
    });
  }

  /** One call of the engine, watched, traced and timed. @throws GrmError `model-unavailable` when the task wants other weights. */
  async #run<Result>(
    task: SampleTask | WriteTask,
    choices: number,
    { queuedAt }: WorkContext,
    signal: AbortSignal,
    draw: (options: DrawOptions) => Promise<Result>,
  ): Promise<Result & Timed> {
    const { engine } = this;
    const { model, revision } = engine.info;
    if (task.revision !== undefined && task.revision !== revision) {
      throw new GrmError('model-unavailable', `The task wants revision ${task.revision}, this sampler has ${revision}`);
    }
    const startedAt = Date.now();
    const { maxPromptTokens } = this.configuration.limits;
    const attributes = {
      'gen_ai.operation.name': 'text_completion',
      'gen_ai.request.model': model,
      'gen_ai.request.temperature': task.temperature,
      'gen_ai.request.max_tokens': task.maxTokens,
      'gen_ai.request.choice.count': choices,
    };
    const traced = () => inSpan({ name: `text_completion ${model}`, attributes }, () => draw({ engine, maxPromptTokens, signal }));
    const drawn = await this.life.working(choices, () => this.watch.run(traced, (error) => error instanceof ModelUnavailableError));
    return { ...drawn, timings: { queueMs: Math.max(0, startedAt - queuedAt), runMs: Date.now() - startedAt } };
  }
}
