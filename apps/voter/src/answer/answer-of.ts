import type { Answer, AnswerRound, Verdict } from '@grm/protocol';
import { joinedModel } from '../judgement/joined-model.ts';
import type { AnswerPlan } from './answer-plan.ts';
import { type AnswerAction, type AnswerState, bestOf, type Judged } from './answer-state.ts';

type Ending = AnswerAction & { readonly kind: 'answer' };

/**
 * The reply.
 * @param totalMs time from reading the request to now.
 */
export function answerOf(state: AnswerState, ending: Ending, totalMs: number): Answer {
  const { plan, rounds, writings } = state;
  const { text, score, round } = bestOf(state);
  const verdicts = rounds.map(({ verdict }) => verdict);
  const written = writings.flat();
  return {
    id: plan.id,
    answer: text,
    accepted: ending.ended === 'accepted',
    score,
    round,
    ended: ending.ended,
    ...(ending.ended === 'stalled' && { stalledBy: ending.stalledBy }),
    rounds: rounds.map((judged) => roundOf(judged, plan)),
    model: joinedModel([...written, ...verdicts].map(({ model }) => model)),
    usage: {
      promptTokens: sum([...written, ...verdicts].map(({ usage }) => usage.promptTokens)),
      completionTokens: sum([...written, ...verdicts].map(({ usage }) => usage.completionTokens)),
    },
    timings: {
      // Tasks of a round run side by side, rounds one after the other.
      queueMs: sum(writings.map((results) => longest(results.map(({ timings }) => timings.queueMs)))) + sum(verdicts.map(({ timings }) => timings.queueMs)),
      writingMs: sum(writings.map((results) => longest(results.map(({ timings }) => timings.runMs)))),
      samplingMs: sum(verdicts.map(({ timings }) => timings.samplingMs)),
      metaMs: sum(verdicts.map(({ timings }) => timings.metaMs)),
      totalMs,
    },
  };
}

function roundOf({ candidates, written, verdict, critique }: Judged, { threshold, detail }: AnswerPlan): AnswerRound {
  return {
    candidates: [...candidates],
    written,
    verdict: shown(verdict, detail),
    dropped: verdict.meanScores.flatMap((score, index) => (score < threshold ? [index] : [])),
    ...(critique !== undefined && { critique }),
  };
}

function shown({ id: _id, judgements, ...verdict }: Verdict, detail: AnswerPlan['detail']): AnswerRound['verdict'] {
  return detail === 'judgements' && judgements !== undefined ? { ...verdict, judgements } : verdict;
}

function longest(times: readonly number[]): number {
  return Math.max(0, ...times);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
