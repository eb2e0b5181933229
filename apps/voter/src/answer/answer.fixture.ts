import type { AnswerRequest, Judgement, Verdict, WriteSuccess } from '@grm/protocol';
import { orderOf } from '@grm/spct';
import type { ServiceSettings } from '../plan/service-settings.ts';
import type { AnswerPlan } from './answer-plan.ts';
import { planAnswer } from './plan-answer.ts';

export const settings: ServiceSettings = {
  template: 'compact',
  sampling: { samples: 2, temperature: 0.5, maxTokens: 64, stopping: 'Never' },
  vote: { metaRM: 'None' },
  limits: { maxPending: 10, maxResponses: 8, maxPromptTokens: 1_000 },
};

const conversation = [{ role: 'user' as const, content: 'What is 17 + 25?' }];
const model = { name: 'test-judge', revision: 'r1' };

/** A plan with settings of choice, seed 1. */
export function planOf(request: Partial<AnswerRequest> = {}): AnswerPlan {
  return planAnswer({ conversation, sampling: { seed: 1 }, ...request }, settings, { id: 'request', runId: 'run', deadline: 10_000 });
}

/** A sampler's answer to one task with these texts. */
export function writtenOf(texts: readonly string[], change: Partial<WriteSuccess['answers'][number]> = {}): WriteSuccess {
  return {
    requestId: 'run-write-0',
    taskId: 'run-write-0-0',
    answers: texts.map((text, index) => ({ index, seed: index, text, tokens: 5, meanLogprob: -0.1, finishReason: 'stop' as const, ...change })),
    usage: { promptTokens: 7, completionTokens: 5 * texts.length },
    timings: { queueMs: 1, runMs: 3 },
    model,
  };
}

/** What a judgement says of the response at each place of the candidates, by the numbers under which its sample saw them. */
export function analysisOf(seed: number, says: readonly string[]): string {
  const order = orderOf(seed, says.length);
  return order.map((response, position) => `Response ${position + 1} ${says[response]}.`).join(' ');
}

/** A verdict with these mean scores and one judgement that says of each response `gets <score>`. */
export function verdictOf(meanScores: readonly number[], judgements?: readonly Judgement[]): Verdict {
  const ranking = meanScores.map((_, index) => index).toSorted((left, right) => (meanScores[right] ?? 0) - (meanScores[left] ?? 0));
  const says = meanScores.map((score) => `gets ${score}`);
  const only: Judgement = { criteria: [], analysis: analysisOf(3, says), scores: [...meanScores], kept: true, seed: 3 };
  return {
    id: 'request',
    scores: meanScores.map((score) => 2 * score),
    meanScores: [...meanScores],
    best: ranking[0] ?? 0,
    ranking,
    margin: 0,
    agreement: 1,
    samples: { asked: 2, drawn: 2, parsed: 2, kept: 2 },
    stoppedEarly: false,
    judgements: [...(judgements ?? [only])],
    model,
    usage: { promptTokens: 100, completionTokens: 20 },
    timings: { queueMs: 2, samplingMs: 30, metaMs: 4, totalMs: 40 },
  };
}
