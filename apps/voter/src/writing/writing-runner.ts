import { GrmError, parsePayload, WriteResult, type WriteSuccess } from '@grm/protocol';
import { nuid } from '@nats-io/transport-node';
import { Inject, Injectable } from '@nestjs/common';
import type { ReplyKind } from '../work/reply-inbox.ts';
import { writeTaskOf } from '../work/task-messages.ts';
import { type RunDesk, TaskRuns } from '../work/task-runs.ts';
import { WorkQueue } from '../work/work-queue.ts';
import type { WritingPlan } from './writing-plan.ts';
import { beginWriting, type WritingAction, type WritingEvent, type WritingState, writingStep } from './writing-state.ts';

/** Carries one round of writing through. */
@Injectable()
export class WritingRunner {
  constructor(
    @Inject(TaskRuns) private readonly runs: TaskRuns,
    @Inject(WorkQueue) private readonly queue: WorkQueue,
  ) {}

  /**
   * @param signal gives the writing up; its reason is thrown.
   * @returns what was written, in the order of the plan's tasks
   * @throws GrmError
   */
  async run(plan: WritingPlan, signal: AbortSignal): Promise<readonly WriteSuccess[]> {
    const act = (action: WritingAction, _: WritingState, desk: RunDesk<readonly WriteSuccess[]>) => {
      switch (action.kind) {
        case 'write': {
          const { task, again } = action;
          const messageId = again ? `${task.taskId}-${nuid.next()}` : task.taskId;
          desk.ask('write', task.taskId, (replies, handing) =>
            this.queue.putWriteTask(writeTaskOf(plan, task, replies.subject('write')), { messageId, begun: plan.begun || again, signal: handing }),
          );
          break;
        }
        case 'cancel':
          desk.cancel();
          break;
        case 'done':
          desk.resolve(action.results);
          break;
        case 'fail':
          desk.reject(GrmError.fromBody(action.error));
      }
    };
    const { id, runId, deadline } = plan;
    return this.runs.carry<WritingState, WritingEvent, WritingAction, readonly WriteSuccess[]>({ id, runId, deadline, first: beginWriting(plan), step: writingStep, eventOf, act }, signal);
  }
}

function eventOf(_: ReplyKind, payload: Uint8Array): WritingEvent {
  const result = parsePayload(WriteResult, payload, 'WriteResult');
  return 'error' in result ? { kind: 'write-failed', taskId: result.taskId, error: result.error } : { kind: 'written', result };
}
