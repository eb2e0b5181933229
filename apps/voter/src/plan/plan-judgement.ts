import { defaults, type JudgeInput, type JudgeRequest } from '@grm/protocol';
import { planWaves } from '@grm/spct';
import { contentSeed } from './content-seed.ts';
import { cutIntoTasks } from './cut-into-tasks.ts';
import { invalidField } from './invalid-field.ts';
import type { JudgementPlan } from './judgement-plan.ts';
import type { ServiceSettings } from './service-settings.ts';
import { voteRuleOf } from './vote-rule-of.ts';

export interface Attempt {
  readonly id: string;
  readonly runId: string;
  /** Epoch ms. */
  readonly deadline: number;
}

/**
 * Decides everything about a judgement that can be known beforehand. Which samples are drawn and how they are cut into
 * tasks depends on the request and the service's settings alone, never on how many samplers there are.
 * @throws GrmError `invalid-request`
 */
export function planJudgement(request: JudgeRequest, settings: ServiceSettings, attempt: Attempt): JudgementPlan {
  const { maxResponses } = settings.limits;
  if (request.responses.length > maxResponses) {
    throw invalidField('JudgeRequest', 'responses', `must hold at most ${maxResponses} responses, as this service is set; it holds ${request.responses.length}`);
  }
  const input = inputOf(request);
  const asked = request.sampling?.samples ?? settings.sampling.samples;
  const seed = request.sampling?.seed ?? contentSeed(input);
  const stopping = request.sampling?.stopping ?? settings.sampling.stopping;
  const rule = voteRuleOf(request.vote, settings.vote, asked);
  return {
    ...attempt,
    input,
    template: settings.template,
    temperature: request.sampling?.temperature ?? settings.sampling.temperature,
    maxTokens: settings.sampling.maxTokens,
    asked,
    seed,
    stopping,
    rule,
    detail: request.detail ?? defaults.detail,
    waves: cutIntoTasks(planWaves({ samples: asked, stopping, rule, responses: input.responses.length }), { runId: attempt.runId, seed }),
  };
}

function inputOf({ conversation, responses, reference, criteria }: JudgeRequest): JudgeInput {
  return { conversation, responses, ...(reference !== undefined && { reference }), ...(criteria !== undefined && { criteria }) };
}
