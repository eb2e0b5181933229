import { type AnswerRequest, defaults } from '@grm/protocol';
import { contentSeed } from '../plan/content-seed.ts';
import { invalidField } from '../plan/invalid-field.ts';
import type { Attempt } from '../plan/plan-judgement.ts';
import type { ServiceSettings } from '../plan/service-settings.ts';
import { voteRuleOf } from '../plan/vote-rule-of.ts';
import type { AnswerPlan } from './answer-plan.ts';

/**
 * Decides everything about an answer that can be known beforehand, and refuses what a later round would stumble over.
 * @throws GrmError `invalid-request`
 */
export function planAnswer(request: AnswerRequest, settings: ServiceSettings, attempt: Attempt): AnswerPlan {
  const { conversation, responses = [], sampling, vote, writing = {}, detail = defaults.detail } = request;
  voteRuleOf(vote, settings.vote, sampling?.samples ?? settings.sampling.samples, 'AnswerRequest');
  const { rounds, candidates } = roundsOf(request, settings.limits);
  const aids = aidsOf(request);
  return {
    ...attempt,
    conversation,
    brought: [...new Set(responses)],
    candidates,
    threshold: request.threshold ?? defaults.answer.threshold,
    rounds,
    template: settings.template,
    writing: {
      temperature: writing.temperature ?? defaults.answer.temperature,
      maxTokens: maxTokensOf(writing.maxTokens, settings.sampling),
      seed: writing.seed ?? sampling?.seed ?? contentSeed({ conversation, responses, ...aids }),
    },
    judging: { ...aids, ...(sampling !== undefined && { sampling }), ...(vote !== undefined && { vote }) },
    detail,
  };
}

/** One round judges what the caller brought, or the best so far, together with what is written. */
function roundsOf({ responses = [], candidates, rounds }: AnswerRequest, { maxResponses }: ServiceSettings['limits']): Pick<AnswerPlan, 'rounds' | 'candidates'> {
  const bound = `as this service judges at most ${maxResponses} responses together`;
  if (responses.length >= maxResponses && responses.length > 0) {
    throw invalidField('AnswerRequest', 'responses', `must hold at most ${maxResponses - 1} responses, ${bound} and one at least is written; it holds ${responses.length}`);
  }
  if (maxResponses === 1 && rounds !== undefined && rounds > 0) throw invalidField('AnswerRequest', 'rounds', `must be 0, ${bound} and a further round needs the best so far`);
  const further = rounds ?? (maxResponses === 1 ? 0 : defaults.answer.rounds);
  const room = maxResponses - Math.max(responses.length, further > 0 ? 1 : 0);
  if (candidates !== undefined && candidates > room) {
    const others = responses.length > 0 ? `the ${responses.length} that the request brings are among them` : 'the best so far is among them in a further round';
    throw invalidField('AnswerRequest', 'candidates', `must be at most ${room}, ${bound}${room < maxResponses ? ` and ${others}` : ''}; it is ${candidates}`);
  }
  return { rounds: further, candidates: candidates ?? Math.min(defaults.answer.candidates, room) };
}

function maxTokensOf(asked: number | undefined, { maxTokens }: ServiceSettings['sampling']): number {
  if (asked !== undefined && asked > maxTokens) throw invalidField('AnswerRequest', 'writing.maxTokens', `must be at most ${maxTokens}, as this service is set; it is ${asked}`);
  return asked ?? maxTokens;
}

/** What helps the judge, where it is given. */
function aidsOf({ reference, criteria }: AnswerRequest): Pick<AnswerPlan['judging'], 'reference' | 'criteria'> {
  return { ...(reference !== undefined && { reference }), ...(criteria !== undefined && { criteria }) };
}
