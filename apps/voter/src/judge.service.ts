import type { JudgeRequest, Verdict } from '@grm/protocol';
import { Configuration } from '@grm/service-kit';
import { nuid } from '@nats-io/transport-node';
import { Inject, Injectable } from '@nestjs/common';
import { trace } from '@opentelemetry/api';
import { JudgementRunner } from './judgement/judgement-runner.ts';
import { planJudgement } from './plan/plan-judgement.ts';
import { fingerprintOf, replyMemory } from './reply-memory.ts';

/** From a request to its verdict. */
@Injectable()
export class JudgeService {
  readonly #recent = replyMemory<Verdict>('JudgeRequest');

  constructor(
    @Inject(JudgementRunner) private readonly runner: JudgementRunner,
    @Inject(Configuration) private readonly configuration: Configuration,
  ) {}

  /** @throws GrmError */
  async judge(request: JudgeRequest, { deadline, signal }: { deadline: number; signal: AbortSignal }): Promise<Verdict> {
    const { id = nuid.next(), ...content } = request;
    const plan = planJudgement(request, this.configuration, { id, runId: nuid.next(), deadline });
    trace.getActiveSpan()?.setAttributes({ 'grm.request.id': id, 'grm.run.id': plan.runId, 'grm.samples.asked': plan.asked, 'grm.responses': request.responses.length });
    const draw = () => this.runner.run(plan, signal);
    return request.id === undefined ? draw() : this.#recent.answer(id, fingerprintOf(content), signal, draw);
  }
}
