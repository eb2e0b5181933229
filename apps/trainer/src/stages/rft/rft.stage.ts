import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { loadCheckpoint } from '@grm/language-model';
import type { RFTStage } from '@grm/resources';
import { TRAINING_DEFAULTS } from '@grm/resources';
import { publishPolicy } from '../../artifacts/publish-policy.ts';
import { reportUnlabelled } from '../../items/report-unlabelled.ts';
import { drawWith } from '../../judgements/draw-with.ts';
import { judgementRow } from '../../judgements/encode-judgement.ts';
import { judgementsOf, type Judgement } from '../../judgements/judgement.ts';
import type { StageMetrics } from '../../progress/run-event.ts';
import { streamSeed } from '../../run/seed-streams.ts';
import type { Stage, StageContext, StageOutcome } from '../../run/stage.ts';
import { trainSupervised } from '../../run/supervised-training.ts';
import { generalRows } from './general-rows.ts';
import { readKeptJudgements, writeKeptJudgements } from './kept-judgements.ts';
import { NothingKeptError } from './nothing-kept-error.ts';
import { drawnFileName, rftRequests } from './rft-requests.ts';
import { selectJudgements } from './select-judgements.ts';

interface Kept {
  readonly judgements: readonly Judgement[];
  readonly metrics: StageMetrics;
}

/** Judgements of the base, drawn and held against the labels. Undefined where the run was stopped. */
async function drawKept(context: StageContext, stage: RFTStage, policy: string): Promise<Kept | undefined> {
  const { spec, stop, tools } = context;
  const { requests, items, unlabelled } = await rftRequests(spec, stage, stop);
  reportUnlabelled({ items, unlabelled }, context);
  await using rollouts = await tools.openRollouts(stop);
  const answers = await drawWith(requests, { context, rollouts, model: policy, file: drawnFileName, metric: 'drawnRequests' });
  if (answers === undefined) return undefined;
  const judgements = answers.flatMap((answer, index) => judgementsOf(requests[index]?.asked ?? [], answer.judgements).flat());
  const { kept, counts } = selectJudgements(judgements, stage);
  if (kept.length === 0 && judgements.length > 0) throw new NothingKeptError(counts);
  return { judgements: kept, metrics: { items, unlabelled, ...counts } };
}

async function keptJudgements(context: StageContext, stage: RFTStage, policy: string): Promise<Kept | undefined> {
  if (stage.kept === undefined) return drawKept(context, stage, policy);
  const judgements = await readKeptJudgements(stage.kept.volume.path, context.stop);
  return { judgements, metrics: { kept: judgements.length, keptHinted: judgements.filter(({ hinted }) => hinted).length } };
}

/** Leaves the kept set as an artefact that can be looked into and given to another run. */
async function publishKept(context: StageContext, judgements: readonly Judgement[]): Promise<void> {
  const finished = join(context.folder, 'kept');
  await rm(finished, { recursive: true, force: true });
  await mkdir(finished);
  await writeKeptJudgements(join(finished, 'kept.jsonl'), judgements);
  await context.publish('keptJudgements', finished);
}

async function rft(context: StageContext, stage: RFTStage): Promise<StageOutcome> {
  const { spec, policy: policyFolder, tools } = context;
  if (policyFolder === undefined) throw new TypeError('a run without base pretrains a policy first, as its schema says');
  const kept = await keptJudgements(context, stage, policyFolder);
  if (kept === undefined) return { state: 'stopped', metrics: {} };
  await publishKept(context, kept.judgements);

  const base = await loadCheckpoint(policyFolder);
  const learnt = kept.judgements
    .map((judgement) => ({ name: judgement.item.id, row: judgementRow(judgement, spec, base) }))
    .filter(({ row }) => row.tokens.length <= base.config.maxPositions);
  const general = await generalRows(spec, stage, learnt.length, base);
  const rows = [...learnt, ...general.map((row, index) => ({ name: `general-${index}`, row }))];
  const metrics = { ...kept.metrics, tooLong: kept.judgements.length - learnt.length, general: general.length };

  await using session = await tools.createTrainingSession({
    config: base.config,
    tensors: base.tensors,
    objective: 'crossEntropy',
    threads: spec.engine.embedded.threads,
    optimizer: { adamW: { betas: [0.9, 0.95], weightDecay: stage.weightDecay }, clipNorm: stage.gradientClip },
  });
  const steps = await trainSupervised({
    stage: 'rft',
    context,
    session,
    rows: rows.map(({ row }) => row),
    nameOf: (row) => rows[row]?.name ?? '',
    settings: stage,
    epochs: TRAINING_DEFAULTS.rft.epochs,
    seed: streamSeed(spec.seed, 'rftBatches'),
    metrics,
  });
  if (steps === undefined) return { state: 'stopped', metrics };
  await publishPolicy(context, base, await session.exportTensors());
  return { state: 'complete', metrics: { ...metrics, steps } };
}

/** Rejective fine-tuning: learn from the base's own judgements that are right. */
export const rftStage: Stage = {
  name: 'rft',
  wanted: (spec) => spec.stages.rft !== undefined,
  run: (context) => {
    const { rft: stage } = context.spec.stages;
    if (stage === undefined) throw new TypeError('the run has no stage rft');
    return rft(context, stage);
  },
};
