import { GrmError } from '@grm/protocol';
import { describe, expect, test } from 'vitest';
import { planOf, verdictOf, writtenOf } from './answer.fixture.ts';
import type { AnswerPlan } from './answer-plan.ts';
import { type AnswerAction, type AnswerEvent, type AnswerStep, answerStep, beginAnswer, bestOf } from './answer-state.ts';

function play(plan: AnswerPlan, events: readonly AnswerEvent[]): AnswerStep {
  return events.reduce((step, event) => answerStep(step.state, event), beginAnswer(plan));
}

/** `write 1 on (b) by (Response 1 gets 5.)`, `judge 0 of a, b`, `answer accepted` */
function spelt(action: AnswerAction): string {
  switch (action.kind) {
    case 'write':
      return `write ${action.round}${action.revise === undefined ? '' : ` on (${action.revise.draft}) by (${action.revise.critique})`}`;
    case 'judge':
      return `judge ${action.round} of ${action.responses.join(', ')}`;
    case 'answer':
      return `answer ${action.ended}${action.ended === 'stalled' ? `: ${action.stalledBy}` : ''}`;
    case 'fail':
      return `fail ${action.error.code}: ${action.error.message}`;
  }
}

const written = (...texts: string[]): AnswerEvent => ({ kind: 'written', results: [writtenOf(texts)] });
const judged = (...meanScores: number[]): AnswerEvent => ({ kind: 'judged', verdict: verdictOf(meanScores) });
const failed = (code: 'deadline-exceeded' | 'model-unavailable' | 'invalid-request' | 'no-valid-sample' | 'overloaded'): AnswerEvent => ({ kind: 'failed', error: new GrmError(code, 'oh') });

const once = planOf({ rounds: 0, threshold: 6 });
const twice = planOf({ rounds: 1, threshold: 6 });
const often = planOf({ rounds: 3, threshold: 6 });
const brings = planOf({ rounds: 1, threshold: 6, responses: ['mine', 'yours', 'mine'] });

describe('an answer', () => {
  test.each<[string, AnswerPlan, AnswerEvent[], string]>([
    ['begins by writing', once, [], 'write 0'],
    ['has judged what was written', once, [written('a', 'b')], 'judge 0 of a, b'],
    ['has texts judged without the white space around them', once, [written(' a\n', 'b ')], 'judge 0 of a, b'],
    ['has each text judged once', once, [written('a', ' a', 'b', 'a')], 'judge 0 of a, b'],
    ['has a lone candidate judged too', once, [written('a', 'a')], 'judge 0 of a'],
    ['leaves out what is empty', once, [written('', ' \n', 'b')], 'judge 0 of b'],
    ['leaves out what no judge may be given', once, [written('x'.repeat(65_537), 'b')], 'judge 0 of b'],
    ['mends what is no Unicode text', once, [written('a\uD800')], 'judge 0 of a\uFFFD'],
    ['has what the caller brings judged first, and each text once', brings, [written('b', ' yours')], 'judge 0 of mine, yours, b'],
    ['judges what the caller brings where nothing could be written', brings, [written('')], 'judge 0 of mine, yours'],
    ['takes answers in the order of their numbers', once, [{ kind: 'written', results: [writtenOf(['b'], { index: 5 }), writtenOf(['a'], { index: 4 })] }], 'judge 0 of a, b'],
    ['does not take an answer that was stopped on the way', once, [{ kind: 'written', results: [writtenOf(['a'], { finishReason: 'cancelled' }), writtenOf(['b'])] }], 'judge 0 of b'],
    ['takes an answer that was cut at its longest', once, [{ kind: 'written', results: [writtenOf(['a'], { finishReason: 'length' })] }], 'judge 0 of a'],
    ['is accepted at the threshold', often, [written('a', 'b'), judged(3, 6)], 'answer accepted'],
    ['is given, though not accepted, when no round is left', once, [written('a', 'b'), judged(3, 5)], 'answer exhausted'],
    ['is improved on by what the judge says of the best', twice, [written('a', 'b'), judged(3, 5)], 'write 1 on (b) by (Response 1 gets 5.)'],
    ['is judged again together with what was written to improve on it', twice, [written('a', 'b'), judged(3, 5), written('c', 'd')], 'judge 1 of b, c, d'],
    ['does not have judged again what has lost before', twice, [written('a', 'b'), judged(3, 5), written('a', 'b', 'c')], 'judge 1 of b, c'],
    ['is accepted in a later round', often, [written('a', 'b'), judged(3, 5), written('c'), judged(4, 9)], 'answer accepted'],
    ['goes on from a better one', often, [written('a', 'b'), judged(3, 4), written('c'), judged(3, 5)], 'write 2 on (c) by (Response 1 gets 5.)'],
    ['goes on from the same one when the new ones are worse', often, [written('a', 'b'), judged(3, 5), written('c'), judged(5, 4)], 'write 2 on (b) by (Response 1 gets 5.)'],
    ['ends with the last round', twice, [written('a', 'b'), judged(3, 5), written('c'), judged(3, 5)], 'answer exhausted'],
    ['ends early when a round writes nothing new', often, [written('a', 'b'), judged(3, 5), written('a', 'b ')], 'answer stalled: None of the 4 answers written is a new one'],
    ['ends early when a round cannot be judged', often, [written('a'), judged(3), written('b'), failed('no-valid-sample')], 'answer stalled: oh'],
    ['ends early when the draft has become too long', often, [written('a'), judged(3), failed('invalid-request')], 'answer stalled: oh'],
    ['fails when nothing was written', once, [written('', ' ')], 'fail no-valid-sample: None of the 4 answers written has any text that can be judged; another seed or a higher temperature may help'],
    ['fails when the first round cannot be written', brings, [failed('invalid-request')], 'fail invalid-request: oh'],
    ['fails when the first round cannot be judged', twice, [written('a'), failed('no-valid-sample')], 'fail no-valid-sample: oh'],
    ['fails at the deadline, in whatever round', often, [written('a'), judged(3), written('b'), failed('deadline-exceeded')], 'fail deadline-exceeded: oh'],
    ['fails without a model, in whatever round', often, [written('a'), judged(3), failed('model-unavailable')], 'fail model-unavailable: oh'],
  ])('%s', (_, plan, events, action) => {
    expect(spelt(play(plan, events).action)).toBe(action);
  });

  test('writes anew, without a draft, when the judge says nothing of the best', () => {
    const silent: AnswerEvent = { kind: 'judged', verdict: verdictOf([3, 5], []) };
    expect(spelt(play(twice, [written('a', 'b'), silent]).action)).toBe('write 1');
  });

  test.each<[string, AnswerPlan, AnswerEvent[], { text: string; round: number; score: number }]>([
    ['the first round', once, [written('a', 'b'), judged(3, 5)], { text: 'b', round: 0, score: 5 }],
    ['the caller', brings, [written('b'), judged(9, 5, 4)], { text: 'mine', round: 0, score: 9 }],
    ['a later round', often, [written('a', 'b'), judged(3, 4), written('c'), judged(3, 5)], { text: 'c', round: 1, score: 5 }],
    ['an earlier round, with the score of the last', often, [written('a', 'b'), judged(3, 4), written('c'), judged(3, 5), written('d'), judged(4, 1)], { text: 'c', round: 1, score: 4 }],
  ])('knows that the best comes from %s', (_, plan, events, best) => {
    expect(bestOf(play(plan, events).state)).toEqual(best);
  });
});
