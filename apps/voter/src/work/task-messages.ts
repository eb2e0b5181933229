import type { MetaTask, SampleTask, WriteTask } from '@grm/protocol';
import type { ReadSample } from '../judgement/read-sample.ts';
import type { JudgementPlan, PlannedTask } from '../plan/judgement-plan.ts';
import type { WritingPlan } from '../writing/writing-plan.ts';

export function sampleTaskOf(plan: JudgementPlan, task: PlannedTask, replyTo: string): SampleTask {
  return {
    version: 1,
    requestId: plan.runId,
    taskId: task.taskId,
    replyTo,
    input: plan.input,
    template: plan.template,
    samples: [...task.samples],
    temperature: plan.temperature,
    maxTokens: plan.maxTokens,
    deadline: plan.deadline,
  };
}

export function writeTaskOf(plan: WritingPlan, task: PlannedTask, replyTo: string): WriteTask {
  return {
    version: 1,
    requestId: plan.runId,
    taskId: task.taskId,
    replyTo,
    conversation: plan.conversation,
    ...(plan.revise !== undefined && { revise: plan.revise }),
    template: plan.template,
    answers: [...task.samples],
    temperature: plan.temperature,
    maxTokens: plan.maxTokens,
    deadline: plan.deadline,
  };
}

/** The meta task keeps the id of the sample task whose judgements it is about, with an ending of its own. */
const ending = '-meta';

export function metaTaskOf(plan: JudgementPlan, taskId: string, samples: readonly ReadSample[], replyTo: string): MetaTask {
  return {
    version: 1,
    requestId: plan.runId,
    taskId: `${taskId}${ending}`,
    replyTo,
    input: plan.input,
    template: plan.template,
    judgements: samples.map(({ index, order, text }) => ({ index, order: [...order], text })),
    deadline: plan.deadline,
  };
}

/** The sample task behind a meta task. */
export function sampleTaskIdOf(metaTaskId: string): string {
  return metaTaskId.slice(0, -ending.length);
}
