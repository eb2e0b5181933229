import { Answer, type AnswerRequest } from '@grm/protocol';
import { describe, expect, test } from 'vitest';
import { planOf, verdictOf, writtenOf } from './answer.fixture.ts';
import { answerOf } from './answer-of.ts';
import { type AnswerEvent, answerStep, beginAnswer } from './answer-state.ts';

/** Two rounds: `b` is improved on, and its improvement `c` accepted. */
function answered(request: Partial<AnswerRequest> = {}) {
  const events: AnswerEvent[] = [
    { kind: 'written', results: [writtenOf(['a']), { ...writtenOf(['b'], { index: 1 }), timings: { queueMs: 5, runMs: 2 } }] },
    { kind: 'judged', verdict: verdictOf([3, 5]) },
    { kind: 'written', results: [{ ...writtenOf(['c']), model: { name: 'test-judge', revision: 'r2' } }] },
    { kind: 'judged', verdict: verdictOf([4, 8]) },
  ];
  const { state, action } = events.reduce((step, event) => answerStep(step.state, event), beginAnswer(planOf(request)));
  if (action.kind !== 'answer') throw new Error(`expected an answer, got ${action.kind}`);
  return answerOf(state, action, 123);
}

describe('answerOf', () => {
  test('tells the answer, where it comes from, and what each round judged', () => {
    const answer = answered();
    expect(Answer.parse(answer)).toEqual(answer);
    const { id: _0, judgements: _1, ...first } = verdictOf([3, 5]);
    const { id: _2, judgements: _3, ...second } = verdictOf([4, 8]);
    expect(answer).toEqual({
      id: 'request', answer: 'c', accepted: true, score: 8, round: 1, ended: 'accepted',
      rounds: [
        { candidates: ['a', 'b'], written: 2, verdict: first, dropped: [0, 1], critique: 'Response 1 gets 5.' },
        { candidates: ['b', 'c'], written: 1, verdict: second, dropped: [0] },
      ],
      model: { name: 'test-judge', revision: 'r1+r2' },
      usage: { promptTokens: 221, completionTokens: 55 },
      timings: { queueMs: 10, writingMs: 6, samplingMs: 60, metaMs: 8, totalMs: 123 },
    });
  });

  test('shows judgements when asked for', () => {
    expect(answered({ detail: 'judgements' }).rounds.map(({ verdict }) => verdict.judgements?.length)).toEqual([1, 1]);
  });

  test('says what another round failed of', () => {
    const { state } = answerStep(beginAnswer(planOf()).state, { kind: 'written', results: [writtenOf(['a'])] });
    const judged = answerStep(state, { kind: 'judged', verdict: verdictOf([3]) });
    expect(answerOf(judged.state, { kind: 'answer', ended: 'stalled', stalledBy: 'nothing new' }, 1)).toMatchObject({ accepted: false, ended: 'stalled', stalledBy: 'nothing new', answer: 'a', score: 3, round: 0 });
  });
});
