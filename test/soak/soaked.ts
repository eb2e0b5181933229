import { mkdir, rm } from 'node:fs/promises';
import { checkTraining, type TrainingFindings } from './check/check-training.ts';
import { clusterFaults } from './faults/cluster-faults.ts';
import type { FaultKind } from './faults/fault.ts';
import type { FillQueueOptions } from './faults/fill-queue.ts';
import { serviceFaults } from './faults/service-faults.ts';
import { trainingFaults } from './faults/training-faults.ts';
import { ClusterGround } from './ground/cluster-ground.ts';
import type { Ground } from './ground/ground.ts';
import { LocalGround } from './ground/local-ground.ts';
import { DisturbedRun } from './training/disturbed-run.ts';

export const groundKinds = ['local', 'cluster'] as const;
export type GroundKind = (typeof groundKinds)[number];

export interface SoakedOptions {
  readonly ground: GroundKind;
  /** Emptied first; logs stay in it. */
  readonly folder: string;
  readonly minutes: number;
  readonly training: boolean;
}

/** What is soaked: a service, perhaps a training run beside it, and what may befall them there. */
export interface Soaked extends AsyncDisposable {
  readonly ground: Ground;
  readonly faults: (burst: FillQueueOptions) => readonly FaultKind[];
  /** Waits for the end of the run, carries it out undisturbed, and compares; undefined where none was asked for. */
  readonly trained: (log: (line: string) => void) => Promise<TrainingFindings | undefined>;
}

const samplers = 2;
/** Of a run that has been disturbed, and of one alone. */
const trainedWithinMs = 15 * 60_000;

export async function openSoaked({ ground: kind, folder, minutes, training }: SoakedOptions): Promise<Soaked> {
  if (kind === 'cluster') return onCluster(training);
  await mkdir(folder, { recursive: true });
  // What an earlier soak has left that was killed.
  await LocalGround.takeDown(folder);
  await DisturbedRun.takeDown(folder);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  await using opening = new AsyncDisposableStack();
  const ground = opening.use(await LocalGround.open({ folder, samplers, voters: 2, metaRMs: 1 }));
  const run = training ? opening.use(await DisturbedRun.start({ folder, natsUrl: await ground.url(), minutes })) : undefined;
  const stack = opening.move();
  return {
    ground,
    faults: (burst) => [...serviceFaults(ground, burst), ...(run === undefined ? [] : trainingFaults(run))],
    trained: async (log) => {
      if (run === undefined) return undefined;
      log('waiting for the end of the training run, and carrying it out once more, undisturbed');
      return checkTraining(await run.history(trainedWithinMs));
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function onCluster(training: boolean): Promise<Soaked> {
  if (training) throw new RangeError('a training run is soaked on the local ground alone; say --no-training (test/e2e interrupts one on the cluster)');
  const ground = await ClusterGround.open(samplers);
  return {
    ground,
    faults: (burst) => [...serviceFaults(ground, burst), ...clusterFaults(ground)],
    trained: () => Promise.resolve(undefined),
    [Symbol.asyncDispose]: () => ground[Symbol.asyncDispose](),
  };
}
