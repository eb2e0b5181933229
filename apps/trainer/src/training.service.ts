import { Inject, Injectable } from '@nestjs/common';
import { Configuration, LOG, type Log } from '@grm/service-kit';
import { objectArtifactStore } from './artifacts/artifact-store.ts';
import { openCheckpointStore } from './checkpoints/open-checkpoint-store.ts';
import { openJournal } from './progress/open-journal.ts';
import { openRollouts } from './rollouts/open-rollouts.ts';
import { fetchRunModels } from './run/fetch-run-models.ts';
import { readRun } from './run/read-run.ts';
import type { StageTools } from './run/stage.ts';
import { stages } from './run/stages.ts';
import { trainRun, type RunOutcome } from './run/training-run.ts';
import type { TrainerOptions } from './trainer-options.ts';

export const STAGE_TOOLS = Symbol('grm.trainer.stage-tools');
export const TRAINER_OPTIONS = Symbol('grm.trainer.options');

/** Trains the run that the environment names. */
@Injectable()
export class TrainingService {
  constructor(
    @Inject(Configuration) readonly configuration: Configuration,
    @Inject(LOG) readonly log: Log,
    @Inject(STAGE_TOOLS) private readonly tools: Omit<StageTools, 'openRollouts'>,
    @Inject(TRAINER_OPTIONS) private readonly options: TrainerOptions,
  ) {}

  /** @param stop aborted when the run is to stop at the next step */
  async train(stop: AbortSignal): Promise<RunOutcome> {
    const { manifest, folder } = this.configuration.run;
    const run = await readRun(manifest);
    const wanted = stages.filter((stage) => stage.wanted(run.spec)).map(({ name }) => name);
    const { configuration, log, options } = this;
    const asked = new AbortController();
    const either = AbortSignal.any([stop, asked.signal]);
    await using journal = await openJournal({ run, folder, stages: wanted, options, configuration, log, stop: either, suspend: () => asked.abort() });
    const { namespace, name } = run.metadata;
    const nats = options.standalone ? undefined : configuration.nats;
    await using checkpoints = await openCheckpointStore(run.spec.checkpoint.to, { runFolder: folder, namespace, run: name, nats, log });
    const tools: StageTools = { ...this.tools, openRollouts: (signal) => openRollouts(run, { nats, log, signal }) };
    const { artifactsBucket: bucket } = configuration;
    const artifacts = bucket === undefined || nats === undefined ? undefined : objectArtifactStore({ namespace, run: name, nats, bucket, log });
    return await trainRun({
      run,
      fetchModels: (wantedBy) => fetchRunModels(wantedBy, { folder, nats, log, signal: either }),
      folder,
      stages,
      journal,
      tools,
      checkpoints,
      ...(artifacts === undefined ? {} : { artifacts }),
      stop: either,
    });
  }
}
