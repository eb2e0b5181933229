import type { Checkpoint, WeightTensor } from '@grm/language-model';
import type { GRPOStage, TrainingRunSpec } from '@grm/resources';
import type { TrainingItem } from '../../items/training-item.ts';
import { judgementsOf } from '../../judgements/judgement.ts';
import { requestsOf } from '../../judgements/requests-of.ts';
import type { Rollouts } from '../../rollouts/rollouts.ts';
import type { Rollout } from './group-rows.ts';

/** Items of one call of the engine. */
const itemsPerRequest = 8;

export interface GroupDrawing {
  readonly spec: Pick<TrainingRunSpec, 'template' | 'principles' | 'referenceGuided'>;
  readonly stage: Pick<GRPOStage, 'temperature' | 'maxTokens' | 'groupSize'>;
  /** The policy's shape and how it reads; its weights are `tensors`. */
  readonly policy: Pick<Checkpoint, 'config' | 'tokenizer' | 'chatTemplate'>;
  readonly tensors: ReadonlyMap<string, WeightTensor>;
  readonly rollouts: Rollouts;
  /** Unsigned 32-bit; another one for each step. */
  readonly seed: number;
  readonly signal: AbortSignal;
}

export interface DrawnGroups {
  /** Judgements of each item, in the order of the items. */
  readonly groups: Rollout[][];
  /** Tokens of all prompts, each counted once. */
  readonly promptTokens: number;
}

/** A step's judgements, in groups of one item, by the policy with these weights. Rejects with the signal's reason. */
export async function drawGroups(items: readonly TrainingItem[], drawing: GroupDrawing): Promise<DrawnGroups> {
  const { spec, stage, policy, tensors, rollouts, seed, signal } = drawing;
  const { config, tokenizer, chatTemplate } = policy;
  const template = chatTemplate === undefined ? {} : { chatTemplate: chatTemplate.source };
  await rollouts.use({ config, tensors, tokenizer: tokenizer.json, ...template });
  const { temperature, maxTokens, groupSize: samplesPerItem } = stage;
  const requests = requestsOf(items, { spec, temperature, maxTokens, samplesPerItem, seed, itemsPerRequest });
  const answers = await rollouts.draw(requests.map(({ request }) => request), { signal });
  return {
    groups: requests.flatMap(({ asked }, index) => judgementsOf(asked, answers[index]?.judgements ?? [])),
    promptTokens: answers.reduce((sum, { promptTokens: tokens }) => sum + tokens, 0),
  };
}
