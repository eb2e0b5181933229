import { isControlledBy, keyOf, type KubernetesObject } from '@grm/controller-runtime';
import type { GRMTrainingRun } from '@grm/resources';
import type { BackgroundCalls } from '../background/background-calls.ts';
import type { RunNats, SuspendAnswer } from '../nats/run-nats.ts';
import { baseRunFact } from './base-run-fact.ts';
import { callKey } from './call-key.ts';
import { type ParsedRun, parseRun } from './parse-run.ts';
import { imageOf, type PlannedRun } from './planned-run.ts';
import type { BaseRunFact, RunFacts, SpecFact } from './run-facts.ts';
import { type ReadStore, RUN_INDEX, type RunStores } from './run-stores.ts';
import type { TrainingRunObject } from './training-run-object.ts';
import { wishesOf } from './wishes-of.ts';

export interface GatherOptions {
  readonly stores: RunStores;
  readonly nats: Pick<RunNats, 'progress'>;
  readonly suspendCalls: BackgroundCalls<SuspendAnswer>;
  readonly cleanUps: BackgroundCalls<void>;
  /** @param basePolicy where the policy lies that the run starts from, where that is another run's and known */
  readonly plan: (run: GRMTrainingRun, basePolicy?: string) => PlannedRun;
  /** Whether a Job was made from another spec or image than the planned one. */
  readonly isOutdated: (live: KubernetesObject, planned: KubernetesObject) => boolean;
  readonly now: () => Date;
}

export interface Gathered {
  readonly facts: RunFacts;
  /** Undefined where the spec is not understood. */
  readonly planned: PlannedRun | undefined;
}

/** Everything that is known of a run, from memory: no request is made. */
export function gather(object: TrainingRunObject, options: GatherOptions): Gathered {
  const { stores, nats, suspendCalls, cleanUps, plan, now } = options;
  const { namespace, name } = keyOf(object);
  const parsed = parseRun(object);
  const base = baseRunFact(parsed.kind === 'valid' ? wishesOf(parsed.run.spec).baseRun : undefined, namespace, stores.runs);
  const { spec, planned } = specOf(parsed, base, plan);
  const call = callKey(object);
  return {
    planned,
    facts: {
      now: now(),
      run: object,
      status: object.status ?? {},
      spec,
      base,
      ...childrenOf(object, planned, options),
      pods: stores.pods.byIndex(RUN_INDEX, `${namespace}/${name}`).toSorted(byAge),
      progress: nats.progress({ namespace, run: name }),
      suspendCall: suspendCalls.state(call),
      cleanUp: cleanUps.state(call),
    },
  };
}

/** What a version does not understand, or cannot find here, is as good as invalid. */
function specOf(parsed: ParsedRun, base: BaseRunFact, plan: GatherOptions['plan']): { readonly spec: SpecFact; readonly planned: PlannedRun | undefined } {
  if (parsed.kind === 'invalid') return { spec: parsed, planned: undefined };
  try {
    const planned = plan(parsed.run, base.kind === 'ready' ? base.policy : undefined);
    return { spec: { kind: 'valid', wishes: wishesOf(parsed.run.spec) }, planned };
  } catch (error) {
    return { spec: { kind: 'invalid', message: error instanceof Error ? error.message : String(error) }, planned: undefined };
  }
}

type Children = Pick<RunFacts, 'plannedJob' | 'job' | 'jobIsOutdated' | 'rollouts' | 'claim'>;

function childrenOf(object: TrainingRunObject, planned: PlannedRun | undefined, { stores, isOutdated }: GatherOptions): Children {
  const { namespace } = keyOf(object);
  const mine = <T extends KubernetesObject>(store: ReadStore<T>, name: string | undefined): T | undefined => {
    const child = name === undefined ? undefined : store.get({ namespace, name });
    return child !== undefined && isControlledBy(child, object) ? child : undefined;
  };
  // What cannot be planned any more may have a Job all the same.
  const job = mine(stores.jobs, planned?.job.metadata.name ?? object.status?.jobName);
  return {
    plannedJob: planned === undefined ? undefined : { name: planned.job.metadata.name, image: imageOf(planned) },
    job,
    jobIsOutdated: job !== undefined && planned !== undefined && isOutdated(job, planned.job),
    rollouts: mine(stores.deployments, planned?.rollouts.find(({ kind }) => kind === 'Deployment')?.metadata.name),
    claim: mine(stores.claims, planned?.ground.find(({ kind }) => kind === 'PersistentVolumeClaim')?.metadata.name),
  };
}

const byAge = (one: KubernetesObject, other: KubernetesObject): number =>
  (one.metadata.creationTimestamp ?? '').localeCompare(other.metadata.creationTimestamp ?? '') || one.metadata.name.localeCompare(other.metadata.name);
