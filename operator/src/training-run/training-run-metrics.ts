import type { RunAddress } from '@grm/protocol';
import { Gauge, type Registry } from 'prom-client';
import { secondsBetween } from '../background/seconds-between.ts';
import type { ProgressFact } from '../nats/progress/progress-fact.ts';
import { endOf } from './run-end.ts';
import { phases } from './status-types.ts';
import type { TrainingRunObject } from './training-run-object.ts';

export interface TrainingRunMetricsOptions {
  readonly registry: Registry;
  /** All runs that are watched, from memory. */
  readonly runs: () => readonly TrainingRunObject[];
  /** What their trainers say, from memory. */
  readonly progress: (run: RunAddress) => ProgressFact;
  readonly now: () => Date;
}

/** What is measured of each run. Read from the runs' status when somebody asks, so that nothing stays behind of one that is gone. */
export function registerTrainingRunMetrics({ registry, runs, progress, now }: TrainingRunMetricsOptions): void {
  const registers = [registry];
  const gauge = (name: string, help: string, more: readonly string[], valuesOf: (run: TrainingRunObject) => readonly Value[]): void => {
    new Gauge({
      name,
      help,
      labelNames: ['namespace', 'name', ...more],
      registers,
      collect() {
        this.reset();
        for (const run of runs()) {
          const { namespace = '', name: runName } = run.metadata;
          for (const { labels = {}, value } of valuesOf(run)) this.set({ namespace, name: runName, ...labels }, value);
        }
      },
    });
  };
  const age = (since: Date | undefined): readonly Value[] => (since === undefined ? [] : [{ value: Math.max(secondsBetween(since, now()), 0) }]);

  gauge('grm_training_run_phase', 'Phase of a training run: 1 for the one that it is in', ['phase'], ({ status }) =>
    phases.map((phase) => ({ labels: { phase }, value: status?.phase === phase ? 1 : 0 })),
  );
  gauge('grm_training_run_step', 'Steps done of each stage that has begun', ['stage'], ({ status }) =>
    (status?.stages ?? []).filter(({ state }) => state !== 'Pending').map(({ name, step }) => ({ labels: { stage: name }, value: step })),
  );
  gauge('grm_training_run_restarts', 'Trainers of a run that failed and were started again', [], ({ status }) => (status?.restarts === undefined ? [] : [{ value: status.restarts }]));
  gauge('grm_training_run_heartbeat_age_seconds', 'Time since the trainer of a running run was last heard; missing while NATS is away', [], (run) =>
    run.status?.phase === 'Running' ? age(heardAt(progress({ namespace: run.metadata.namespace ?? '', run: run.metadata.name }))) : [],
  );
  gauge('grm_training_run_checkpoint_age_seconds', 'Age of the newest checkpoint of a run that has not ended: what a lost trainer would cost', [], (run) =>
    isUnderWay(run, now()) ? age(timeOf(run.status?.checkpoint?.time)) : [],
  );
}

const heardAt = (fact: ProgressFact): Date | undefined => (fact.kind === 'known' || fact.kind === 'unreadable' ? fact.heardAt : undefined);

const timeOf = (text: string | undefined): Date | undefined => (text === undefined ? undefined : new Date(text));

interface Value {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

const isUnderWay = ({ status = {} }: TrainingRunObject, now: Date): boolean => endOf({ status, job: undefined, pods: [], now }) === undefined;
