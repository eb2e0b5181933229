import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { loadCheckpoint, saveCheckpoint } from '@grm/language-model';
import type { MetaRMStage } from '@grm/resources';
import { metaPrompt } from '../../judgements/meta-prompt.ts';
import type { Stage, StageContext, StageOutcome } from '../../run/stage.ts';
import { metaQuality } from './meta-quality.ts';
import { policyJudgements, rftJudgements } from './policy-judgements.ts';
import { selectJudgements } from './select-judgements.ts';
import { trainScalarHead } from './train-scalar-head.ts';

async function metaRM(context: StageContext, stage: MetaRMStage): Promise<StageOutcome> {
  const { spec, folder, policy: policyFolder, stop, tools } = context;
  if (policyFolder === undefined) throw new TypeError('a run without base pretrains a policy first, as its schema says');
  const own = await policyJudgements(context, stage, policyFolder);
  if (own === undefined) return { state: 'stopped', metrics: {} };
  const earlier = await rftJudgements(context);
  const selected = [...selectJudgements(own.train), ...selectJudgements(earlier)];

  const policy = await loadCheckpoint(policyFolder);
  const model = await trainScalarHead(selected, policy, { stage, context });
  if (model === undefined) return { state: 'stopped', metrics: {} };
  const finished = join(folder, 'metaRM');
  await rm(finished, { recursive: true, force: true });
  await saveCheckpoint(finished, { ...model, tokenizer: policy.tokenizer.json, chatTemplate: policy.chatTemplate?.source.template, dtype: 'bf16' });

  await using scorer = await tools.openEngine({ model: finished, kind: 'score', threads: spec.engine.embedded.threads, workers: 1 });
  const quality = metaQuality(own.dev, await scorer.score(own.dev.map((judgement) => metaPrompt(judgement, spec)), stop));
  await context.publish('metaRM', finished);
  return { state: 'complete', metrics: { ...quality, judgements: own.train.length, rftJudgements: earlier.length, trainedOn: selected.length } };
}

/** A scalar head on the policy's backbone that tells right judgements from wrong ones, from the policy's own and those of rft. */
export const metaRMStage: Stage = {
  name: 'metaRM',
  wanted: (spec) => spec.stages.metaRM !== undefined,
  run: (context) => {
    const { metaRM: stage } = context.spec.stages;
    if (stage === undefined) throw new TypeError('the run has no stage metaRM');
    return metaRM(context, stage);
  },
};
