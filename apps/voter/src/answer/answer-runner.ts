import { type Answer, GrmError } from '@grm/protocol';
import { Configuration, inSpan } from '@grm/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { JudgementRunner } from '../judgement/judgement-runner.ts';
import { VoterMetrics } from '../voter-metrics.ts';
import { WritingRunner } from '../writing/writing-runner.ts';
import { answerOf } from './answer-of.ts';
import type { AnswerPlan } from './answer-plan.ts';
import { type AnswerAction, type AnswerEvent, answerStep, beginAnswer } from './answer-state.ts';
import { judgementPlanOf, writingPlanOf } from './round-plans.ts';

/** Carries one answer through: `answerStep` says what is next, and here it is done. */
@Injectable()
export class AnswerRunner {
  constructor(
    @Inject(WritingRunner) private readonly writing: WritingRunner,
    @Inject(JudgementRunner) private readonly judgement: JudgementRunner,
    @Inject(Configuration) private readonly configuration: Configuration,
    @Inject(VoterMetrics) private readonly metrics: VoterMetrics,
  ) {}

  /**
   * @param signal gives the answer up; its reason is thrown.
   * @throws GrmError
   */
  async run(plan: AnswerPlan, signal: AbortSignal): Promise<Answer> {
    const startedAt = performance.now();
    for (let step = beginAnswer(plan); ; ) {
      const { state, action } = step;
      switch (action.kind) {
        case 'write':
        case 'judge':
          step = answerStep(state, await this.#attempt(plan, action, signal));
          break;
        case 'answer': {
          const answer = answerOf(state, action, performance.now() - startedAt);
          this.metrics.observeAnswer(answer, state.writings.flat());
          return answer;
        }
        case 'fail':
          throw action.error;
      }
    }
  }

  async #attempt(plan: AnswerPlan, action: AnswerAction & { readonly kind: 'write' | 'judge' }, signal: AbortSignal): Promise<AnswerEvent> {
    try {
      return await inSpan({ name: `${action.kind} round`, attributes: { 'grm.answer.round': action.round } }, () => this.#do(plan, action, signal));
    } catch (error) {
      return { kind: 'failed', error: GrmError.from(error) };
    }
  }

  async #do(plan: AnswerPlan, action: AnswerAction & { readonly kind: 'write' | 'judge' }, signal: AbortSignal): Promise<AnswerEvent> {
    if (action.kind === 'write') return { kind: 'written', results: await this.writing.run(writingPlanOf(plan, action.round, action.revise), signal) };
    const judgement = judgementPlanOf(plan, action.round, action.responses, this.configuration);
    return { kind: 'judged', verdict: await this.judgement.run(judgement, signal, { begun: true }) };
  }
}
