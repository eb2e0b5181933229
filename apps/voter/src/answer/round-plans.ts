import type { DraftToRevise } from '@grm/spct';
import { cutIntoTasks } from '../plan/cut-into-tasks.ts';
import type { JudgementPlan } from '../plan/judgement-plan.ts';
import { planJudgement } from '../plan/plan-judgement.ts';
import type { ServiceSettings } from '../plan/service-settings.ts';
import type { WritingPlan } from '../writing/writing-plan.ts';
import type { AnswerPlan } from './answer-plan.ts';

/** Sets the seeds of writing apart from those of judging, which come from the same number where the caller gives one. */
const writingStream = 0x7772_6974;

/** How a round's answers are written. Their numbers, and so their seeds, run on through all rounds. */
export function writingPlanOf(plan: AnswerPlan, round: number, revise?: DraftToRevise): WritingPlan {
  const { id, conversation, template, deadline, candidates, writing } = plan;
  const { temperature, maxTokens } = writing;
  const runId = `${plan.runId}-write-${round}`;
  const seed = (writing.seed ^ writingStream) >>> 0;
  return {
    id,
    runId,
    conversation,
    ...(revise !== undefined && { revise }),
    template,
    temperature,
    maxTokens,
    deadline,
    tasks: cutIntoTasks([candidates], { runId, seed, first: round * candidates }).flat(),
    begun: round > 0,
  };
}

/** How a round's candidates are judged: as `judge` does it, so that asking it for the same responses gives the same verdict. */
export function judgementPlanOf(plan: AnswerPlan, round: number, responses: readonly string[], settings: ServiceSettings): JudgementPlan {
  const { id, conversation, deadline, judging } = plan;
  const request = { conversation, responses: [...responses], ...judging, detail: 'judgements' as const };
  return planJudgement(request, settings, { id, runId: `${plan.runId}-judge-${round}`, deadline });
}
