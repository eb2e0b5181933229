import { planRollout } from './plan-rollout.ts';
import { type ComponentFacts, type FailedRollout, type GateFacts, noWorkers, type RolloutSettings, type Size, type Trouble, type VoterFacts } from './rollout-facts.ts';
import type { RolloutStep } from './rollout-step.ts';

interface Pods {
  wanted: number;
  starting: number;
  ready: number;
  stopping: number;
}

export interface SimulationOptions {
  readonly size: Size;
  readonly settings: RolloutSettings;
  /** Places for samplers in the whole cluster; a pod beyond them waits. */
  readonly gpus?: number;
  /** What happens to pods of a revision that are to start. Default: they become ready. */
  readonly fate?: (revision: string) => Trouble | undefined;
  readonly gate?: (revision: string) => 'pass' | 'fail' | 'silent';
}

/**
 * A cluster of counters that does what a roll-out asks for: pods stop in one tick and start in one, voters turn over in one. Every tick is a minute.
 */
export class RolloutSimulation {
  readonly log: string[] = [];
  readonly revisions = new Map<string, { sampler: Pods; metaRM?: Pods; madeAt: number; gate?: GateFacts }>();
  readonly options: SimulationOptions;
  now = 0;
  voter: VoterFacts | undefined;
  failed: FailedRollout | undefined;
  step: RolloutStep | undefined;

  constructor(options: SimulationOptions) {
    this.options = options;
  }

  /** One reconcile and a minute of the cluster's life. */
  tick(desired: string, settingsDigest = 's'): RolloutStep {
    const gate = this.revisions.get(desired)?.gate;
    const step = planRollout({
      now: this.now,
      desired,
      size: this.options.size,
      settings: this.options.settings,
      settingsDigest,
      revisions: [...this.revisions].map(([name, { sampler, metaRM, madeAt }]) => ({
        name,
        sampler: this.#facts(name, sampler),
        ...(metaRM === undefined ? {} : { metaRM: this.#facts(name, metaRM) }),
        progressedAt: madeAt,
        drained: this.voter?.revision !== name && this.voter?.settled === true,
      })),
      ...(this.voter === undefined ? {} : { voter: this.voter }),
      ...(gate === undefined ? {} : { gate }),
      ...(this.failed === undefined ? {} : { failed: this.failed }),
    });
    this.step = step;
    this.failed = step.failed;
    this.#live(step);
    const line = this.#line(step);
    if (line !== this.log.at(-1)) this.log.push(line);
    this.now += 60_000;
    return step;
  }

  /** Until the roll-out is stable, or `ticks` are over. */
  run(desired: string, ticks = 40): RolloutStep {
    let step = this.tick(desired);
    for (let count = 1; count < ticks && !this.#rests(step); count++) step = this.tick(desired);
    return step;
  }

  #rests(step: RolloutStep): boolean {
    return step.phase === 'Stable' && [...this.revisions.values()].every(({ sampler }) => sampler.starting === 0 && sampler.stopping === 0 && sampler.wanted === sampler.ready);
  }

  pods(): number {
    return [...this.revisions.values()].reduce((total, { sampler }) => total + sampler.starting + sampler.ready + sampler.stopping, 0);
  }

  ready(): number {
    return [...this.revisions.values()].reduce((total, { sampler }) => total + sampler.ready, 0);
  }

  #live(step: RolloutStep): void {
    for (const name of step.remove) this.revisions.delete(name);
    for (const { sampler, metaRM } of this.revisions.values()) {
      sampler.stopping = 0;
      if (metaRM !== undefined) metaRM.stopping = 0;
    }
    for (const { name, size } of step.revisions) {
      const revision = this.revisions.get(name) ?? { sampler: none(), ...(size.metaRM === undefined ? {} : { metaRM: none() }), madeAt: this.now };
      this.revisions.set(name, revision);
      if (this.#become(name, revision.sampler, size.sampler, this.options.gpus)) revision.madeAt = this.now;
      if (revision.metaRM !== undefined) this.#become(name, revision.metaRM, size.metaRM ?? 0);
      if (step.gate === name) revision.gate = this.#judge(name, revision.gate);
    }
    if (step.voter !== undefined) this.voter = { revision: step.voter, settled: this.voter?.revision === step.voter, ready: 1 };
  }

  #judge(name: string, before: GateFacts | undefined): GateFacts {
    if (before?.state !== 'Running') return { state: 'Running', startedAt: this.now };
    const fate = this.options.gate?.(name) ?? 'pass';
    return fate === 'silent' ? before : { state: fate === 'pass' ? 'Passed' : 'Failed', message: fate === 'pass' ? 'accuracy 0.9' : 'accuracy 0.4 is below 0.7' };
  }

  #become(name: string, pods: Pods, wanted: number, places = Number.POSITIVE_INFINITY): boolean {
    pods.wanted = wanted;
    if (this.options.fate?.(name) === undefined) {
      pods.ready += pods.starting;
      pods.starting = 0;
    }
    const surplus = Math.max(0, pods.starting + pods.ready - wanted);
    const unready = Math.min(surplus, pods.starting);
    pods.starting -= unready;
    pods.ready -= surplus - unready;
    pods.stopping += surplus;
    const found = Math.min(Math.max(0, wanted - pods.starting - pods.ready), Math.max(0, places - this.pods()));
    pods.starting += found;
    return found > 0;
  }

  #facts(name: string, { wanted, starting, ready, stopping }: Pods): ComponentFacts {
    const trouble: Trouble | undefined = starting + ready < wanted && stopping === 0 ? { reason: 'InsufficientGPU', message: '0/3 nodes have nvidia.com/gpu free' } : starting > 0 ? this.options.fate?.(name) : undefined;
    return { ...noWorkers, wanted, pods: starting + ready + stopping, ready, ...(trouble === undefined ? {} : { trouble }) };
  }

  #line(step: RolloutStep): string {
    const counts = ({ wanted, starting, ready, stopping }: Pods) => `${wanted} wanted, ${ready} ready${starting > 0 ? `, ${starting} starting` : ''}${stopping > 0 ? `, ${stopping} stopping` : ''}`;
    const revisions = [...this.revisions].map(([name, { sampler, metaRM }]) => `${name}: ${counts(sampler)}${metaRM === undefined ? '' : ` (meta RM: ${counts(metaRM)})`}`);
    return `${step.phase.padEnd(11)} voter ${step.voter ?? '-'} | ${revisions.join(' | ')}${step.hold === undefined ? '' : ` | hold ${step.hold.reason}`}${step.remove.length > 0 ? ` | removed ${step.remove.join(', ')}` : ''}`;
  }
}

const none = (): Pods => ({ wanted: 0, starting: 0, ready: 0, stopping: 0 });
