import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describeCheckpoint } from '@grm/language-model';
import type { GRMTrainingRun } from '@grm/resources';
import type { ArtifactStore } from '../artifacts/artifact-store.ts';
import { copyModel } from '../artifacts/copy-model.ts';
import { digestOfFolder } from '../artifacts/digest-of-folder.ts';
import { putBack } from '../artifacts/put-back.ts';
import { replaceFolder } from '../artifacts/replace-folder.ts';
import type { CheckpointStore } from '../checkpoints/checkpoint-store.ts';
import { stageCheckpoints } from '../checkpoints/stage-checkpoints.ts';
import type { ArtifactName } from '../progress/run-event.ts';
import type { RunJournal } from '../progress/run-journal.ts';
import { readRunState, type RunState, specDigest, stageDone } from './run-state.ts';
import { RunFolderError } from './run-folder-error.ts';
import type { Stage, StageContext, StageName, StageTools } from './stage.ts';

export interface TrainingRunOptions {
  readonly run: GRMTrainingRun;
  /** Holds `artifacts/{policy,metaRM}`, `stages/<stage>/` and `metrics.jsonl`. */
  readonly folder: string;
  readonly stages: readonly Stage[];
  readonly journal: RunJournal;
  readonly tools: StageTools;
  /** Where the states of stages are kept. */
  readonly checkpoints: CheckpointStore;
  /** Where finished models are published too; absent: they stay in the folder. */
  readonly artifacts?: ArtifactStore;
  /** Gives the run with models that lie elsewhere as files; absent: all are files already. */
  readonly fetchModels?: (run: GRMTrainingRun) => Promise<GRMTrainingRun>;
  /** Aborted when the run is to stop at the next step. */
  readonly stop: AbortSignal;
}

/** A run whose models are files. */
interface Running extends TrainingRunOptions {
  /** Of the run as its manifest says it. */
  readonly digest: string;
}

export type RunOutcome = 'Complete' | 'Suspended';

/** The folder of the model that the run starts from. @throws {RunFolderError} a builtin that nobody has resolved */
function baseOf({ spec }: GRMTrainingRun, folder: string): string | undefined {
  if (spec.base === undefined) return undefined;
  if ('volume' in spec.base) return spec.base.volume.path;
  throw new RunFolderError(folder, `base ${JSON.stringify(spec.base)} is not resolved to a path; start the run with 'grmctl local' or say base: {volume: {path: ...}}`);
}

const exists = (path: string): Promise<boolean> => stat(path).then(() => true, () => false);

/**
 * Goes through the stages that the run asks for, those done before left out.
 * @throws what a stage throws; the journal then says Failed
 */
export async function trainRun(given: TrainingRunOptions): Promise<RunOutcome> {
  const { folder, journal, stop } = given;
  const wanted = given.stages.filter((stage) => stage.wanted(given.run.spec));
  try {
    await mkdir(folder, { recursive: true });
    const digest = specDigest(given.run);
    let state = await readRunState(folder, digest);
    await putBack(artifactOf(folder, 'policy'));
    const run = (await given.fetchModels?.(given.run)) ?? given.run;
    const options: Running = { ...given, run, digest };
    for (const stage of wanted) {
      if (state.done.includes(stage.name)) {
        journal.record({ type: 'stage-finished', stage: stage.name, state: 'Complete', metrics: {} });
        continue;
      }
      const outcome = run.spec.suspend ? 'stopped' : (await endedBefore(stage, state, options)) ? await tidyUp(stage, options) : await runStage(stage, options);
      if (outcome === 'stopped') {
        journal.record({ type: 'run-finished', phase: 'Suspended', message: `stopped in stage ${stage.name}; start it again to go on` });
        return 'Suspended';
      }
      state = await stageDone(folder, state, stage.name, await policyRevision(folder));
    }
    await leavePolicy(options);
    journal.record({ type: 'run-finished', phase: 'Complete' });
    return 'Complete';
  } catch (error) {
    if (stop.aborted && error === stop.reason) {
      journal.record({ type: 'run-finished', phase: 'Suspended', message: 'stopped; start it again to go on' });
      return 'Suspended';
    }
    journal.record({ type: 'run-finished', phase: 'Failed', message: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}

const artifactFolders: Readonly<Record<ArtifactName, string>> = { policy: 'policy', metaRM: 'metaRM', keptJudgements: 'kept-judgements' };
const artifactOf = (folder: string, name: ArtifactName): string => join(folder, 'artifacts', artifactFolders[name]);

/** Puts a finished folder in the place of an artefact and says so. @returns the place */
async function publish({ folder, journal, artifacts, stop }: Running, name: ArtifactName, finished: string): Promise<string> {
  const place = artifactOf(folder, name);
  const digest = name === 'keptJudgements' ? await digestOfFolder(finished) : (await describeCheckpoint(finished)).revision;
  // First, since it takes long: a run that is cut short meanwhile finds the stage as it was.
  const uri = name === 'keptJudgements' ? undefined : await artifacts?.publish(name, finished, digest, stop);
  await replaceFolder(finished, place);
  journal.record({ type: 'artifact-saved', name, uri: uri ?? pathToFileURL(place).href, digest });
  return place;
}

/** The policy of a run whose stages do not change it is the model that it started from. */
async function leavePolicy(options: Running): Promise<void> {
  const { run, folder } = options;
  const base = baseOf(run, folder);
  if (base === undefined || (await exists(artifactOf(folder, 'policy')))) return;
  const copy = join(folder, 'stages', 'policy');
  await copyModel(base, copy);
  await publish(options, 'policy', copy);
}

const stageFolderOf = (folder: string, stage: StageName): string => join(folder, 'stages', folderNames[stage]);

async function runStage(stage: Stage, options: Running): Promise<'complete' | 'stopped'> {
  const { folder, journal, stop } = options;
  const { name } = stage;
  await mkdir(stageFolderOf(folder, name), { recursive: true });
  const context = await contextOf(stage, options);
  try {
    const { state, metrics } = await stage.run(context);
    if (state === 'complete') {
      journal.record({ type: 'stage-finished', stage: name, state: 'Complete', metrics });
      await context.checkpoints.clear();
    }
    return state;
  } catch (error) {
    if (!stop.aborted) journal.record({ type: 'stage-finished', stage: name, state: 'Failed', metrics: {} });
    throw error;
  }
}

/** Stages whose last act is to put their policy in its place. */
const leavesPolicy: ReadonlySet<StageName> = new Set(['pretrain', 'rft', 'grpo']);

/** Revision of the policy in its place; null where the run's base still is the policy. */
async function policyRevision(folder: string): Promise<string | null> {
  const place = artifactOf(folder, 'policy');
  return (await exists(place)) ? (await describeCheckpoint(place)).revision : null;
}

/**
 * Whether a trainer was killed between the end of this stage and the note that it is done: another policy is in its place than the stages before have left. Carried out
 * again the stage would start from its own result.
 */
async function endedBefore({ name }: Stage, { policy }: RunState, { folder }: Running): Promise<boolean> {
  return leavesPolicy.has(name) && policy !== undefined && (await policyRevision(folder)) !== policy;
}

/** What an ended stage still had to do. */
async function tidyUp(stage: Stage, options: Running): Promise<'complete'> {
  options.journal.record({ type: 'stage-finished', stage: stage.name, state: 'Complete', metrics: {} });
  await (await contextOf(stage, options)).checkpoints.clear();
  return 'complete';
}

async function contextOf({ name }: Stage, options: Running): Promise<StageContext> {
  const { run, folder, journal, tools, stop } = options;
  const [trained, metaRM] = [artifactOf(folder, 'policy'), artifactOf(folder, 'metaRM')];
  const base = baseOf(run, folder);
  const policy = (await exists(trained)) ? trained : base;
  return {
    spec: run.spec,
    runFolder: folder,
    folder: stageFolderOf(folder, name),
    folderOf: (stage) => stageFolderOf(folder, stage),
    policy,
    base,
    metaRM: (await exists(metaRM)) ? metaRM : undefined,
    tools,
    checkpoints: stageCheckpoints({
      store: options.checkpoints,
      stage: name,
      keep: run.spec.checkpoint.keep,
      runDigest: options.digest,
      ...(policy === undefined ? {} : { model: (await describeCheckpoint(policy)).config }),
      notice: (notice) => journal.record({ type: 'noticed', stage: name, notice }),
      saved: (saved) => journal.record({ type: 'checkpoint-saved', ...saved }),
      verified: (digest) => journal.record({ type: 'checkpoint-verified', digest }),
    }),
    stop,
    started: (steps) => journal.record({ type: 'stage-started', stage: name, steps }),
    advanced: (step, steps, metrics) => journal.record({ type: 'stage-advanced', stage: name, step, steps, metrics }),
    worked: (tokens) => journal.record({ type: 'worked', tokens }),
    notice: (notice) => journal.record({ type: 'noticed', stage: name, notice }),
    condition: (condition) => journal.record({ type: 'condition-changed', condition }),
    evaluated: (rows) => journal.record({ type: 'evaluated', rows }),
    publish: (of, finished) => publish(options, of, finished),
  };
}

const folderNames: Readonly<Record<StageName, string>> = { pretrain: 'pretrain', rft: 'rft', grpo: 'grpo', metaRM: 'meta-rm', evaluation: 'evaluation' };
