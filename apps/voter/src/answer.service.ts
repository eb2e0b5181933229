import type { Answer, AnswerRequest } from '@grm/protocol';
import { Configuration } from '@grm/service-kit';
import { nuid } from '@nats-io/transport-node';
import { Inject, Injectable } from '@nestjs/common';
import { trace } from '@opentelemetry/api';
import { AnswerRunner } from './answer/answer-runner.ts';
import { planAnswer } from './answer/plan-answer.ts';
import { fingerprintOf, replyMemory } from './reply-memory.ts';

/** From a request to its answer. */
@Injectable()
export class AnswerService {
  readonly #recent = replyMemory<Answer>('AnswerRequest');

  constructor(
    @Inject(AnswerRunner) private readonly runner: AnswerRunner,
    @Inject(Configuration) private readonly configuration: Configuration,
  ) {}

  /** @throws GrmError */
  async answer(request: AnswerRequest, { deadline, signal }: { deadline: number; signal: AbortSignal }): Promise<Answer> {
    const { id = nuid.next(), ...content } = request;
    const plan = planAnswer(request, this.configuration, { id, runId: nuid.next(), deadline });
    trace.getActiveSpan()?.setAttributes({ 'grm.request.id': id, 'grm.run.id': plan.runId, 'grm.candidates': plan.candidates, 'grm.rounds.allowed': plan.rounds });
    const write = () => this.runner.run(plan, signal);
    return request.id === undefined ? write() : this.#recent.answer(id, fingerprintOf(content), signal, write);
  }
}
