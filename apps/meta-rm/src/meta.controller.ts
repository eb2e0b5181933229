import { ModelUnavailableError } from '@grm/engine';
import type { MetaSuccess, MetaTask } from '@grm/protocol';
import { EngineWatch, inSpan, Metrics, TaskAnswers, type WorkContext, WorkHandler, WorkerLife } from '@grm/service-kit';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { Counter } from 'prom-client';
import { META_ENGINE, type MetaEngine } from './meta-engine.ts';
import { scoreJudgements } from './score-judgements.ts';

/** Scores the judgements of a task and answers whoever asked. */
@Controller()
export class MetaController {
  readonly #scored: Counter;
  readonly #tooLong: Counter;

  constructor(
    @Inject(META_ENGINE) private readonly engine: MetaEngine,
    @Inject(EngineWatch) private readonly watch: EngineWatch,
    @Inject(TaskAnswers) private readonly answers: TaskAnswers,
    @Inject(WorkerLife) private readonly life: WorkerLife,
    @Inject(Metrics) { registry }: Metrics,
  ) {
    this.#scored = new Counter({ name: 'grm_meta_judgements_total', help: 'Judgements scored by the meta RM', registers: [registry] });
    this.#tooLong = new Counter({ name: 'grm_meta_judgements_too_long_total', help: 'Judgements left without a score because they and their prompt are above the context of the meta RM', registers: [registry] });
  }

  @WorkHandler('meta')
  async handle(@Payload() task: MetaTask, @Ctx() context: WorkContext): Promise<void> {
    await this.answers.answer(task, context, (signal) => this.#score(task, context, signal));
  }

  async #score(task: MetaTask, { queuedAt }: WorkContext, signal: AbortSignal): Promise<MetaSuccess> {
    const { engine } = this;
    const startedAt = Date.now();
    const attributes = { 'gen_ai.operation.name': 'classify', 'gen_ai.request.model': engine.info.model, 'grm.judgements': task.judgements.length };
    const score = () => inSpan({ name: `classify ${engine.info.model}`, attributes }, () => scoreJudgements(task, { engine, signal }));
    const scored = await this.life.working(task.judgements.length, () => this.watch.run(score, (error) => error instanceof ModelUnavailableError));
    this.#scored.inc(scored.logits.length);
    this.#tooLong.inc(task.judgements.length - scored.logits.length);
    return { ...scored, timings: { queueMs: Math.max(0, startedAt - queuedAt), runMs: Date.now() - startedAt } };
  }
}
