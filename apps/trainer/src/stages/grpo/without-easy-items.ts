import type { GRPOStage } from '@grm/resources';
import type { TrainingItem } from '../../items/training-item.ts';
import { drawWith } from '../../judgements/draw-with.ts';
import { judgementsOf } from '../../judgements/judgement.ts';
import { requestsOf } from '../../judgements/requests-of.ts';
import { streamSeed } from '../../run/seed-streams.ts';
import type { StageContext } from '../../run/stage.ts';
import type { Rollouts } from '../../rollouts/rollouts.ts';

const itemsPerRequest = 16;

/**
 * The items that a weaker model does not judge right every time: what it always gets right has nothing to teach (arXiv 2504.02495,
 * appendix C.1). Undefined where the run was stopped.
 */
export async function withoutEasyItems(
  items: readonly TrainingItem[],
  options: { readonly context: StageContext; readonly stage: GRPOStage; readonly rollouts: Rollouts; readonly weaker: string },
): Promise<readonly TrainingItem[] | undefined> {
  const { context, stage, rollouts, weaker } = options;
  if (stage.filter === undefined) return items;
  const { spec } = context;
  const { temperature, maxTokens, filter } = stage;
  const seed = streamSeed(spec.seed, 'grpoFilter');
  const requests = requestsOf(items, { spec, temperature, maxTokens, samplesPerItem: filter.samples, seed, itemsPerRequest });
  const answers = await drawWith(requests, { context, rollouts, model: weaker, file: 'filter.jsonl', metric: 'filterRequests' });
  if (answers === undefined) return undefined;
  const groups = answers.flatMap((answer, index) => judgementsOf(requests[index]?.asked ?? [], answer.judgements));
  return items.filter((_, index) => groups[index]?.some(({ outcome }) => outcome !== 'right') ?? true);
}
