import { GrmError, type Verdict } from '@grm/protocol';
import { nuid } from '@nats-io/transport-node';
import { Inject, Injectable } from '@nestjs/common';
import type { JudgementPlan } from '../plan/judgement-plan.ts';
import { VoterMetrics } from '../voter-metrics.ts';
import { eventOfReply } from '../work/event-of-reply.ts';
import { metaTaskOf, sampleTaskOf } from '../work/task-messages.ts';
import { type RunDesk, TaskRuns } from '../work/task-runs.ts';
import { WorkQueue } from '../work/work-queue.ts';
import { beginJudgement, type JudgementAction, type JudgementEvent, type JudgementState, judgementStep, readSamples } from './judgement-state.ts';
import { verdictOf } from './verdict-of.ts';

/** Carries one judgement through: `judgementStep` decides, and here is done what it decides. */
@Injectable()
export class JudgementRunner {
  constructor(
    @Inject(TaskRuns) private readonly runs: TaskRuns,
    @Inject(WorkQueue) private readonly queue: WorkQueue,
    @Inject(VoterMetrics) private readonly metrics: VoterMetrics,
  ) {}

  /**
   * @param signal gives the judgement up; its reason is thrown.
   * @param begun whether work was spent on the request already, so that its first tasks wait for room in a full queue too.
   * @throws GrmError
   */
  async run(plan: JudgementPlan, signal: AbortSignal, { begun = false } = {}): Promise<Verdict> {
    const startedAt = performance.now();
    const act = (action: JudgementAction, state: JudgementState, desk: RunDesk<Verdict>) => {
      switch (action.kind) {
        case 'draw':
          desk.ask('draw', action.task.taskId, (replies, handing) => {
            const task = sampleTaskOf(plan, action.task, replies.subject('sample'));
            return this.queue.putSampleTask(task, { messageId: messageIdOf(task, action), begun: begun || action.wave > 0 || action.again, signal: handing });
          });
          break;
        case 'check':
          desk.ask('check', action.taskId, (replies, handing) => {
            const task = metaTaskOf(plan, action.taskId, action.samples, replies.subject('meta'));
            return this.queue.putMetaTask(task, { messageId: messageIdOf(task, action), begun: true, signal: handing });
          });
          break;
        case 'cancel':
          desk.cancel();
          break;
        case 'answer':
          this.metrics.observeSamples(readSamples(state));
          try {
            const verdict = verdictOf(state, performance.now() - startedAt);
            this.metrics.observeVerdict(verdict, action.reason);
            desk.resolve(verdict);
          } catch (error) {
            desk.reject(error);
          }
          break;
        case 'fail':
          desk.reject(GrmError.fromBody(action.error));
      }
    };
    const { id, runId, deadline } = plan;
    return this.runs.carry<JudgementState, JudgementEvent, JudgementAction, Verdict>({ id, runId, deadline, first: beginJudgement(plan), step: judgementStep, eventOf: eventOfReply, act }, signal);
  }
}

/** JetStream drops a second message with an id that it knows: a task that is to be done again needs another. */
function messageIdOf({ taskId }: { readonly taskId: string }, { again }: { readonly again: boolean }): string {
  return again ? `${taskId}-${nuid.next()}` : taskId;
}
