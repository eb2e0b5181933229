import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { saveCheckpoint, type TokenRow, type TrainingSession } from '@grm/language-model';
import type { PretrainStage } from '@grm/resources';
import { sampleSeed } from '@grm/spct';
import { z } from 'zod';
import { learningRateShare } from '../../batches/learning-rate-share.ts';
import { DocumentEncoder } from '../../corpus/encode-document.ts';
import { openCorpus, type CorpusFrom } from '../../corpus/open-corpus.ts';
import { streamSeed } from '../../run/seed-streams.ts';
import type { Stage, StageContext, StageOutcome } from '../../run/stage.ts';
import { StepMeter, trainStep } from '../../run/training-loop.ts';
import { newModel, savedModel, type StartingModel } from './starting-model.ts';
import { trainingSteps } from './training-steps.ts';

/** Steps between two points of the curve. */
const reportEvery = 10;

/** How far the stage is. */
const position = z.strictObject({ tokens: z.int(), seconds: z.number() });

async function start({ spec, policy }: StageContext, corpusFrom: CorpusFrom): Promise<StartingModel> {
  if (spec.model === undefined) {
    if (policy === undefined) throw new TypeError('a run without base has a model, as its schema says');
    return savedModel(policy);
  }
  return newModel(spec.model, corpusFrom(streamSeed(spec.seed, 'tokenizer')), streamSeed(spec.seed, 'weights'));
}

const tokensOf = (microBatches: readonly (readonly TokenRow[])[]): number => microBatches.flat().reduce((sum, { tokens }) => sum + tokens.length, 0);

/** A stage under way: the model in its session, and how far it is. */
class Pretraining {
  readonly #context: StageContext;
  readonly #stage: PretrainStage;
  readonly #model: StartingModel;
  readonly #session: TrainingSession<'crossEntropy'>;
  #steps = 0;
  #tokens = 0;
  #secondsBefore = 0;
  #began = performance.now();

  constructor(context: StageContext, stage: PretrainStage, model: StartingModel, session: TrainingSession<'crossEntropy'>) {
    this.#context = context;
    this.#stage = stage;
    this.#model = model;
    this.#session = session;
  }

  get position() {
    return { steps: this.#steps, tokens: this.#tokens, seconds: this.#secondsBefore + (performance.now() - this.#began) / 1000 };
  }

  get progress(): number {
    return Math.min(1, this.#tokens / this.#stage.tokens);
  }

  /** Trains until the tokens are used up or the run is to stop; then what is needed to go on is saved. */
  async train(corpusFrom: CorpusFrom): Promise<void> {
    const { stop, spec } = this.#context;
    const batches = this.#batches(corpusFrom);
    await this.#resume(batches);
    const meter = new StepMeter();
    this.#context.started(this.#expectedSteps());
    for (const microBatches of batches) {
      if (this.progress === 1) return;
      if (stop.aborted) return await this.#save();
      const share = learningRateShare(this.#steps, this.progress, this.#stage);
      const learningRates = { adamW: this.#stage.learningRate * share, muon: this.#stage.matrixLearningRate * share };
      const result = await trainStep(this.#session, { microBatches, learningRates }, { stage: 'pretrain', step: this.#steps + 1 });
      meter.add(result);
      this.#context.worked(result.tokens);
      this.#steps += 1;
      this.#tokens += result.tokens;
      if (this.#steps % reportEvery === 0 || this.progress === 1) {
        const { tokens, seconds } = this.position;
        const metrics = { ...meter.take(), tokens, learningRate: learningRates.adamW, seconds };
        this.#context.advanced(this.#steps, Math.max(this.#steps, this.#expectedSteps()), metrics);
      }
      if (this.progress < 1 && this.#steps % spec.checkpoint.everySteps === 0) await this.#save();
    }
  }

  /** The steps' rows. They depend on the seed and on how many tokens the rows before had, on nothing else. */
  #batches(corpusFrom: CorpusFrom) {
    const { spec } = this.#context;
    const encoder = new DocumentEncoder(this.#model.tokenizer, this.#model.config.eosTokenIds[0] ?? 0);
    
    const seedOf = (stream: 'corpus' | 'batches'): number => sampleSeed(streamSeed(spec.seed, stream), 0);
    return trainingSteps(
      {
        corpus: corpusFrom(seedOf('corpus')),
        encode: (document) => encoder.encode(document),
        totalTokens: this.#stage.tokens,
        batchTokens: this.#stage.batchTokens,
        longestRow: this.#model.config.maxPositions,
        seed: seedOf('batches'),
      },
      () => this.progress,
    );
  }

  /** Goes on from the newest checkpoint: the rows of the steps done are drawn again and passed over, which is quick. */
  async #resume(batches: Iterator<readonly (readonly TokenRow[])[]>): Promise<void> {
    const saved = await this.#context.checkpoints.newest();
    if (saved === undefined) return;
    const { seconds } = position.parse(saved.cursor);
    for (; this.#steps < saved.step; this.#steps += 1) this.#tokens += tokensOf(batches.next().value ?? []);
    await this.#session.importState(saved.state);
    this.#secondsBefore = seconds;
    this.#began = performance.now();
  }

  async #save(): Promise<void> {
    const { steps, tokens, seconds } = this.position;
    await this.#context.checkpoints.save({ step: steps, state: await this.#session.exportState(), cursor: { tokens, seconds } });
  }

  async saveModel(folder: string): Promise<void> {
    const { config, tokenizer } = this.#model;
    await saveCheckpoint(folder, { config, tokenizer: tokenizer.json, tensors: await this.#session.exportTensors(), dtype: 'bf16' });
  }

  #expectedSteps(): number {
    const { tokens, batchTokens } = this.#stage;
    return this.#tokens === 0 ? Math.ceil(tokens / (0.95 * batchTokens)) : Math.ceil((this.#steps * tokens) / this.#tokens);
  }
}

async function pretrain(context: StageContext, stage: PretrainStage): Promise<StageOutcome> {
  const { spec, folder, tools } = context;
  const corpusFrom = await openCorpus(spec, stage.corpus);
  const model = await start(context, corpusFrom);
  await using session = await tools.createTrainingSession({
    config: model.config,
    tensors: model.tensors,
    objective: 'crossEntropy',
    threads: spec.engine.embedded.threads,
    optimizer: {
      adamW: { betas: [0.9, 0.98], weightDecay: stage.weightDecay },
      muon: { momentum: 0.95, weightDecay: stage.weightDecay },
      clipNorm: stage.gradientClip,
    },
  });
  const training = new Pretraining(context, stage, model, session);
  await training.train(corpusFrom);
  const { steps, tokens, seconds } = training.position;
  const metrics = { tokens, steps, minutes: seconds / 60 };
  if (training.progress < 1) return { state: 'stopped', metrics };
  const finished = join(folder, 'policy');
  await rm(finished, { recursive: true, force: true });
  await training.saveModel(finished);
  await context.publish('policy', finished);
  return { state: 'complete', metrics };
}

/** Language modelling from a corpus: the model is made, or goes on from the run's base. */
export const pretrainStage: Stage = {
  name: 'pretrain',
  wanted: (spec) => spec.stages.pretrain !== undefined,
  run: (context) => {
    const { pretrain: stage } = context.spec.stages;
    if (stage === undefined) throw new TypeError('the run has no stage pretrain');
    return pretrain(context, stage);
  },
};
