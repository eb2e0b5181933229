import type { GRMTrainingRun } from '@grm/resources';
import { planWorkloads, type Site } from '@grm/workloads';
import { processesOf } from './processes-of.ts';
import type { ProcessPool } from './process-pool.ts';
import type { ProcessSpec } from './process-spec.ts';
import type { ResourceSituation } from './resource-situation.ts';
import { readRunProgressFile } from './run-progress-file.ts';
import { runDigest, runRecords } from './run-record.ts';
import { runRollouts } from './run-rollouts.ts';
import type { SupervisedProcess } from './supervised-process.ts';
import { suspensionText } from './suspension-text.ts';

export interface RunSituation extends ResourceSituation {
  readonly pool: ProcessPool;
  readonly site: Site;
  readonly runFolder: string;
  /** Train although the run is complete. */
  readonly retrain: boolean;
}

/** `digest` is of what the artefacts were made from. */
export type RunEnd = { readonly state: 'complete'; readonly digest: string } | { readonly state: 'suspended' };

/**
 * Trains a run to completion or until it is suspended, unless that has been done: same manifest, same starting model.
 * Starts nothing where the manifest says `suspend: true`.
 *
 * @throws Error when the run failed, or is complete but was made from something else.
 */
export async function applyTrainingRun(run: GRMTrainingRun, situation: RunSituation): Promise<RunEnd> {
  const { site, runFolder, retrain, owner, programs, config, node, report, signal } = situation;
  const { suspend } = run.spec;
  signal.throwIfAborted();
  const { watched, inputs } = watchInputs(site);
  const processes = processesOf(planWorkloads(run, watched), { owner, programs, config, node });
  const process = processes.find(({ restart }) => restart.policy === 'OnFailure');
  if (process === undefined) throw new Error(`the plan of ${owner} has no Job`);
  const digest = runDigest(run, inputs);
  const record = await runRecords.read(runFolder);
  if (record?.state === 'complete' && !retrain) {
    if (record.digest === digest) {
      report('Complete', `trained ${record.at}; unchanged since`);
      return { state: 'complete', digest };
    }
    throw new Error(
      `${run.metadata.name} was trained at ${record.at} from another manifest or base model; give the run a new name, or train it again with \`grmctl local up --retrain\``,
    );
  }
  if (suspend) {
    report('Suspended', record === undefined ? 'not begun; apply it again without suspend to begin' : suspensionText(await readRunProgressFile(runFolder), suspend));
    return { state: 'suspended' };
  }
  if (record !== undefined && (retrain || record.digest !== digest)) await runRecords.clear(runFolder);
  await runRecords.write(runFolder, digest, 'started');
  signal.throwIfAborted();
  report('Training');
  const trainer = await train(run, process, processes, situation);
  const outcome = await trainer?.finished;
  if (outcome === 'suspended') {
    report('Suspended', suspensionText(await readRunProgressFile(runFolder), suspend));
    return { state: 'suspended' };
  }
  return complete(trainer, digest, situation);
}

async function complete(trainer: SupervisedProcess | undefined, digest: string, { runFolder, report }: RunSituation): Promise<RunEnd> {
  if ((await trainer?.finished) !== 'succeeded') throw new Error(trainer?.status.message ?? 'the run was stopped');
  await runRecords.write(runFolder, digest, 'complete');
  report('Complete');
  return { state: 'complete', digest };
}

/** A site that notes what is read through it. */
function watchInputs(site: Site): { readonly watched: Site; readonly inputs: readonly string[] } {
  const inputs: string[] = [];
  const resolve: Site['resolve'] = (reference) => {
    const place = site.resolve(reference);
    if (reference.kind !== 'volume' || reference.written !== true) inputs.push(place.path);
    return place;
  };
  return { watched: { ...site, resolve }, inputs };
}

/** Starts the trainer with the run's samplers, and ends these when it ends. @returns the trainer, finished; undefined when nothing is started any more */
async function train(
  run: GRMTrainingRun,
  trainer: ProcessSpec,
  processes: readonly ProcessSpec[],
  { pool, site: { natsUrl }, owner, signal }: RunSituation,
): Promise<SupervisedProcess | undefined> {
  const hasSamplers = processes.length > 1;
  const place = { natsUrl, ...run.metadata };
  if (hasSamplers) await runRollouts.provision(place);
  signal.throwIfAborted();
  const started = (await pool.set(owner, processes)).find(({ spec }) => spec.name === trainer.name);
  const outcome = await started?.finished;
  // One that was stopped goes on from where it is, by whoever applies it next.
  if (hasSamplers && !signal.aborted && outcome !== undefined && outcome !== 'stopped') {
    await pool.set(owner, [trainer]);
    await runRollouts.remove(place);
  }
  return started;
}
