import { encodePrompt, initialTensors, type Checkpoint, type DecoderConfig, type WeightTensor } from '@grm/language-model';
import { TRAINING_DEFAULTS, type MetaRMStage } from '@grm/resources';
import { labelOf, type Judgement } from '../../judgements/judgement.ts';
import { metaPrompt } from '../../judgements/meta-prompt.ts';
import { streamSeed } from '../../run/seed-streams.ts';
import type { StageContext } from '../../run/stage.ts';
import { trainSupervised } from '../../run/supervised-training.ts';

export interface ScalarModel {
  readonly config: DecoderConfig;
  readonly tensors: ReadonlyMap<string, WeightTensor>;
}

/** The policy's backbone with a scalar head of zeros in place of its language head. */
export function scalarModel(policy: Checkpoint): ScalarModel {
  const config: DecoderConfig = { ...policy.config, head: 'scalar' };
  return { config, tensors: new Map([...initialTensors(config, 0), ...policy.tensors]) };
}

/**
 * Binary cross-entropy on whether judgements are right, the head read at the judgement's last token.
 * @returns undefined where the run was stopped before the end
 */
export async function trainScalarHead(
  judgements: readonly Judgement[],
  policy: Checkpoint,
  options: { readonly stage: MetaRMStage; readonly context: StageContext },
): Promise<ScalarModel | undefined> {
  const { stage, context } = options;
  const { spec, tools } = context;
  const { config, tensors } = scalarModel(policy);
  const rows = judgements
    .map((judgement) => ({ name: judgement.item.id, row: { tokens: encodePrompt(metaPrompt(judgement, spec), policy), label: labelOf(judgement) } }))
    .filter(({ row }) => row.tokens.length <= config.maxPositions);
  await using session = await tools.createTrainingSession({
    config,
    tensors,
    objective: 'binaryCrossEntropy',
    threads: spec.engine.embedded.threads,
    optimizer: { adamW: { betas: [0.9, 0.98], weightDecay: stage.weightDecay }, clipNorm: stage.gradientClip },
  });
  const steps = await trainSupervised({
    stage: 'metaRM',
    context,
    session,
    rows: rows.map(({ row }) => row),
    nameOf: (row) => rows[row]?.name ?? '',
    settings: stage,
    epochs: TRAINING_DEFAULTS.metaRM.epochs,
    seed: streamSeed(spec.seed, 'metaBatches'),
  });
  return steps === undefined ? undefined : { config, tensors: await session.exportTensors() };
}
