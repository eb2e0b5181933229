import type { ErrorBody, WriteSuccess } from '@grm/protocol';
import { describe, expect, test } from 'vitest';
import { cutIntoTasks } from '../plan/cut-into-tasks.ts';
import type { WritingPlan } from './writing-plan.ts';
import { beginWriting, type WritingAction, type WritingEvent, writingStep } from './writing-state.ts';

const unavailable: ErrorBody = { code: 'model-unavailable', message: 'the engine is gone' };

function planOf(candidates: number): WritingPlan {
  return {
    id: 'request',
    runId: 'run',
    conversation: [{ role: 'user', content: 'What is 2 + 2?' }],
    template: 'compact',
    temperature: 0.7,
    maxTokens: 64,
    deadline: 10_000,
    tasks: cutIntoTasks([candidates], { runId: 'run', seed: 1 }).flat(),
    begun: false,
  };
}

const written = (taskId: string): WritingEvent => {
  const result: WriteSuccess = { requestId: 'run', taskId, answers: [], usage: { promptTokens: 1, completionTokens: 1 }, timings: { queueMs: 0, runMs: 1 }, model: { name: 'judge', revision: 'r1' } };
  return { kind: 'written', result };
};

/** `write run-0, write run-1`, `done run-0 run-1`, `fail model-unavailable` */
function spelt(actions: readonly WritingAction[]): string {
  return actions
    .map((action) => {
      switch (action.kind) {
        case 'write':
          return `write ${action.task.taskId}${action.again ? ' again' : ''}`;
        case 'cancel':
          return 'cancel';
        case 'done':
          return `done ${action.results.map(({ taskId }) => taskId).join(' ')}`;
        case 'fail':
          return `fail ${action.error.code}`;
      }
    })
    .join(', ');
}

const play = (plan: WritingPlan, events: readonly WritingEvent[]) => events.reduce((step, event) => writingStep(step.state, event), beginWriting(plan)).actions;

describe('a round of writing', () => {
  const few = planOf(4);
  const many = planOf(12);

  test.each<[string, WritingPlan, WritingEvent[], string]>([
    ['begins with one task for a few answers', few, [], 'write run-0'],
    ['begins with several tasks for many, all at once', many, [], 'write run-0, write run-1'],
    ['is done when all is written', few, [written('run-0')], 'done run-0'],
    ['waits for all tasks', many, [written('run-1')], ''],
    ['gives them in the order of the plan, whatever the order of the answers', many, [written('run-1'), written('run-0')], 'done run-0 run-1'],
    ['ignores an answer that comes twice', many, [written('run-1'), written('run-1')], ''],
    ['ignores the answer to a task of another run', many, [written('other-0')], ''],
    ['ends with the error of a task that failed', many, [written('run-0'), { kind: 'write-failed', taskId: 'run-1', error: unavailable }], 'cancel, fail model-unavailable'],
    ['ignores the failure of a task that was done after all', many, [written('run-0'), { kind: 'write-failed', taskId: 'run-0', error: unavailable }], ''],
    ['asks again for what is missing after the connection was away', many, [written('run-0'), { kind: 'reconnected' }], 'write run-1 again'],
    ['asks again for the one task whose answer was lost', many, [{ kind: 'answer-lost', taskId: 'run-1' }], 'write run-1 again'],
    ['does not ask again for an answer that came after all', many, [written('run-1'), { kind: 'answer-lost', taskId: 'run-1' }], ''],
    ['can be abandoned', few, [{ kind: 'abandoned', error: unavailable }], 'cancel, fail model-unavailable'],
    ['ignores everything once it has ended', few, [written('run-0'), { kind: 'deadline' }], ''],
  ])('%s', (_, plan, events, actions) => {
    expect(spelt(play(plan, events))).toBe(actions);
  });

  test('says at the deadline what it waited for', () => {
    expect(play(many, [written('run-0'), { kind: 'deadline' }])).toEqual([
      { kind: 'cancel' },
      { kind: 'fail', error: { code: 'deadline-exceeded', message: expect.stringContaining('6 answers of 12') } },
    ]);
  });
});
