import { Counter, Gauge, type Registry } from 'prom-client';
import type { RolloutCounts } from './rollout-counts.ts';

const totals = {
  published: 'Tasks put into the work queue of the run, each attempt counted',
  answered: 'Tasks drawn by samplers',
  redelivered: 'Times that a task was handed out again, because its sampler had died or handed it back',
  lost: 'Tasks that were gone without an answer and were put into the queue anew',
  duplicates: 'Answers that nobody waited for any more',
  stale: 'Judgements refused because they are, or would be, by other weights than the newest',
} as const;

const levels = { depth: 'Tasks waiting or being worked on', samplers: 'Samplers that answered when last asked' } as const;

/** Shows the counts of a run's rollouts to Prometheus: `grm_rollouts_<name>_total`, `grm_rollouts_depth`, `grm_rollouts_samplers`. */
export function exposeRollouts(registry: Registry, counts: Readonly<RolloutCounts>): void {
  const registers = [registry];
  for (const name of ['published', 'answered', 'redelivered', 'lost', 'duplicates', 'stale'] as const) {
    const collect = function (this: Counter): void {
      this.reset();
      this.inc(counts[name]);
    };
    new Counter({ name: `grm_rollouts_${name}_total`, help: totals[name], registers, collect });
  }
  for (const name of ['depth', 'samplers'] as const) {
    const collect = function (this: Gauge): void {
      this.set(counts[name]);
    };
    new Gauge({ name: `grm_rollouts_${name}`, help: levels[name], registers, collect });
  }
}
