import { type ApiClient, type Clock, type Controller, keyOf, keyText, type Manager, parseKeyText, watched } from '@grm/controller-runtime';
import { childIsCurrent, hasSamePlan, type Site } from '@grm/workloads';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { BackgroundCalls } from '../background/background-calls.ts';
import { ChildCache } from '../children/child-cache.ts';
import { childInformers, type OperatorInformers } from '../children/operator-informers.ts';
import type { NatsLink } from '../nats/nats-link.ts';
import { natsOfRuns } from '../nats/nats-of-runs.ts';
import { RunProgressWatch } from '../nats/progress/run-progress-watch.ts';
import type { SuspendAnswer } from '../nats/run-nats.ts';
import type { NatsUsers } from '../nats/users/nats-users.ts';
import { objectOfCall } from './call-key.ts';
import { planRun } from './plan-run.ts';
import type { RunEvent } from './run-events.ts';
import { endOf } from './run-end.ts';
import { runNatsAccess } from './run-nats-access.ts';
import { BASE_INDEX, runOfPod } from './run-stores.ts';
import { registerTrainingRunMetrics } from './training-run-metrics.ts';
import type { TrainingRunObject } from './training-run-object.ts';
import { TrainingRunReconciler } from './training-run.reconciler.ts';

export interface TrainingRunControllerOptions {
  readonly manager: Pick<Manager, 'controller' | 'addRunnable'>;
  readonly informers: OperatorInformers;
  readonly client: ApiClient;
  readonly link: Pick<NatsLink, 'connection'>;
  readonly namespaces: readonly string[] | 'all';
  readonly site: Site;
  /** Version of the operator, as the planner of children. */
  readonly planner: string;
  readonly record: (run: TrainingRunObject, event: RunEvent) => void;
  readonly registry: Registry;
  readonly log: Logger;
  readonly clock: Clock;
  readonly concurrency: number;
  /** Copies of streams and buckets; absent: one of what is new. */
  readonly replicas?: number;
  /** Gives pods NATS users of their own; absent: they connect as everybody does. */
  readonly users?: Pick<NatsUsers, 'ensure'>;
}

/** Trainers that are asked to suspend, and runs that are cleaned up, at the same time. */
const CALLS = { suspend: 1_000, cleanUp: 50 } as const;

/** Has GRMTrainingRuns reconciled, whenever something happens to them, their children, the run that they start from, or their trainer says something. */
export function addTrainingRunController(options: TrainingRunControllerOptions): Controller<TrainingRunObject> {
  const { manager, informers, link, namespaces, log, clock, registry, site, planner } = options;
  const copies = options.replicas === undefined ? {} : { replicas: options.replicas };
  const now = (): Date => new Date(clock.now());
  const progress = new RunProgressWatch({
    link,
    ...copies,
    namespaces,
    log,
    now,
    changed: ({ namespace, run }) => controller.enqueue({ namespace, name: run }),
    availabilityChanged: () => {
      for (const run of informers.runs.store.list()) if (!hasEnded(run, now())) controller.enqueue(keyOf(run));
    },
  });
  const access = options.users === undefined ? undefined : runNatsAccess({ link, site, users: options.users, ...copies });
  const ended = (call: string): void => controller.enqueue(objectOfCall(call));
  const reconciler = new TrainingRunReconciler({
    ...options,
    plan: (run, basePolicy) => planRun(run, { site, planner, ...(basePolicy === undefined ? {} : { basePolicy }) }),
    isCurrent: childIsCurrent,
    isOutdated: (live, planned) => !hasSamePlan(live, planned),
    now,
    nats: natsOfRuns({ link, progress, ...copies }),
    suspendCalls: new BackgroundCalls<SuspendAnswer>({ limit: CALLS.suspend, ended }),
    cleanUps: new BackgroundCalls<void>({ limit: CALLS.cleanUp, ended }),
    stores: { runs: informers.runs.store, jobs: informers.jobs.store, pods: informers.pods.store, deployments: informers.deployments.store, claims: informers.claims.store },
    children: new ChildCache(childInformers(informers), clock),
    observe: (run) => informers.runs.observe(run),
  });
  const controller = manager.controller({
    name: 'training-run',
    primary: informers.runs,
    owns: childInformers(informers),
    watches: [
      watched(informers.pods, (pod) => runOfPod(pod).map(parseKeyText)),
      watched(informers.runs, (base) => informers.runs.store.byIndex(BASE_INDEX, keyText(keyOf(base))).map(keyOf)),
    ],
    concurrency: options.concurrency,
    reconcile: async (key, context) => {
      const run = informers.runs.store.get(key);
      // Pods that come find their user there.
      if (run !== undefined && !hasEnded(run, now())) await access?.(run);
      return reconciler.reconcile(key, context);
    },
  });
  manager.addRunnable({ name: 'progress of training runs', needsLeader: false, run: (signal) => progress.run(signal) });
  registerTrainingRunMetrics({ registry, now, runs: () => informers.runs.store.list(), progress: (run) => progress.fact(run) });
  return controller;
}

const hasEnded = ({ status = {} }: TrainingRunObject, now: Date): boolean => endOf({ status, job: undefined, pods: [], now }) !== undefined;
