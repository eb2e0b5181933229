import { loadCheckpoint } from '@grm/language-model';
import type { GRPOStage } from '@grm/resources';
import { publishPolicy } from '../../artifacts/publish-policy.ts';
import { readItems } from '../../items/read-items.ts';
import { reportUnlabelled } from '../../items/report-unlabelled.ts';
import type { TrainingItem } from '../../items/training-item.ts';
import { streamSeed } from '../../run/seed-streams.ts';
import type { Stage, StageContext, StageOutcome } from '../../run/stage.ts';
import type { Rollouts } from '../../rollouts/rollouts.ts';
import { PolicyOptimisation } from './policy-optimisation.ts';
import { withoutEasyItems } from './without-easy-items.ts';

/** The items that prompts are drawn from. Undefined where the run was stopped. */
async function promptItems(context: StageContext, stage: GRPOStage, rollouts: Rollouts, weaker: string): Promise<readonly TrainingItem[] | undefined> {
  const { spec, stop } = context;
  const count = stage.items ?? (stage.steps * stage.batchSize) / stage.groupSize;
  const { items, unlabelled } = await readItems(spec.data, { split: 'train', count, seed: streamSeed(spec.seed, 'grpoItems') }, stop);
  reportUnlabelled({ items: items.length, unlabelled }, context);
  const hard = await withoutEasyItems(items, { context, stage, rollouts, weaker });
  if (hard === undefined || hard.length === items.length) return hard;
  const easy = items.length - hard.length;
  if (hard.length === 0) throw new RangeError(`grpo: the weaker model judges all ${items.length} items right every time, so no item is left; take harder items or leave filter out`);
  context.notice({ type: 'Normal', reason: 'EasyItemsLeftOut', message: `${easy} of ${items.length} items are judged right every time by the weaker model and are left out` });
  return hard;
}

/** The model that says which items are easy: the one named, or the run's base. */
function weakerModel({ base, policy }: StageContext, { filter }: GRPOStage): string {
  const named = filter?.model;
  if (named !== undefined && 'volume' in named) return named.volume.path;
  if (named !== undefined) throw new RangeError(`filter.model ${JSON.stringify(named)} is not resolved to a path; start the run with 'grmctl local' or say {volume: {path: ...}}`);
  return base ?? policy ?? '';
}

async function grpo(context: StageContext, stage: GRPOStage): Promise<StageOutcome> {
  const { spec, policy: policyFolder, tools, stop } = context;
  if (policyFolder === undefined) throw new TypeError('a run without base pretrains a policy first, as its schema says');
  await using rollouts = await tools.openRollouts(stop);
  const items = await promptItems(context, stage, rollouts, weakerModel(context, stage));
  if (items === undefined) return { state: 'stopped', metrics: {} };

  const policy = await loadCheckpoint(policyFolder);
  await using session = await tools.createTrainingSession({
    config: policy.config,
    tensors: policy.tensors,
    objective: 'policyGradient',
    policyGradient: { clip: stage.clip, klCoefficient: stage.klCoefficient, reportKl: true },
    threads: spec.engine.embedded.threads,
    optimizer: { adamW: { betas: [0.9, 0.95], weightDecay: stage.weightDecay }, clipNorm: stage.gradientClip },
  });
  const optimisation = new PolicyOptimisation({ context, stage, policy, items, rollouts, session });
  const finished = await optimisation.run();
  if (!finished) return { state: 'stopped', metrics: optimisation.metrics };
  await publishPolicy(context, policy, await optimisation.exportTensors());
  return { state: 'complete', metrics: optimisation.metrics };
}

/** Online reinforcement learning with the rule-based reward. */
export const grpoStage: Stage = {
  name: 'grpo',
  wanted: (spec) => spec.stages.grpo !== undefined,
  run: (context) => {
    const { grpo: stage } = context.spec.stages;
    if (stage === undefined) throw new TypeError('the run has no stage grpo');
    return grpo(context, stage);
  },
};
