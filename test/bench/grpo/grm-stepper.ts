import { openEmbeddedEngine } from '@grm/engine';
import { createTrainingSession, type TrainingSession } from '@grm/language-model';
import { sampleSeed } from '@grm/spct';
import { drawGroups, groupRows, LocalRollouts, promptTokens, type Rollouts } from '@grm/trainer';
import type { BenchContext } from '../benchmark.ts';
import type { GrpoWorkload } from './grpo-workload.ts';
import { highestHalf } from './highest-half.ts';

const SPEC = { template: 'Compact', principles: true, referenceGuided: false } as const;
const SEED = 2026;

export interface Step {
  readonly milliseconds: number;
  /** Tokens drawn and learnt. */
  readonly tokens: number;
  /** Milliseconds of its parts. */
  readonly parts: Readonly<Record<'export' | 'replace' | 'draw' | 'learn', number>>;
}

/** Steps of the stage grpo, one by one: its own drawing and rows, a training session as it opens it, rewards by `highestHalf`. */
export class GrmStepper implements AsyncDisposable {
  readonly #workload: GrpoWorkload;
  readonly #rollouts: LocalRollouts;
  readonly #session: TrainingSession<'policyGradient'>;
  readonly #signal: AbortSignal;
  #steps = 0;

  private constructor(workload: GrpoWorkload, rollouts: LocalRollouts, session: TrainingSession<'policyGradient'>, signal: AbortSignal) {
    this.#workload = workload;
    this.#rollouts = rollouts;
    this.#session = session;
    this.#signal = signal;
  }

  static async open(workload: GrpoWorkload, { threads, signal }: BenchContext): Promise<GrmStepper> {
    const { policy, settings } = workload;
    const { clip, klCoefficient, betas, weightDecay, clipNorm } = settings;
    const session = await createTrainingSession(
      {
        config: policy.config,
        tensors: policy.tensors,
        objective: 'policyGradient',
        policyGradient: { clip, klCoefficient, reportKl: true },
        threads,
        optimizer: { adamW: { betas, weightDecay }, clipNorm },
      },
      signal,
    );
    // One call of the engine draws all 8 items, so there is work for one worker, which gets all threads.
    return new GrmStepper(workload, new LocalRollouts({ openEngine: openEmbeddedEngine, workers: 1, threads, signal }), session, signal);
  }

  async step(): Promise<Step> {
    const { policy, items, settings } = this.#workload;
    const parts = { export: 0, replace: 0, draw: 0, learn: 0 };
    const timed = async <Result>(part: keyof typeof parts, work: Promise<Result>): Promise<Result> => {
      const start = performance.now();
      const result = await work;
      parts[part] += performance.now() - start;
      return result;
    };
    const start = performance.now();
    const tensors = await timed('export', this.#session.exportTensors());
    const rollouts: Rollouts = {
      use: (drawing) => timed('replace', this.#rollouts.use(drawing)),
      draw: (requests, options) => timed('draw', this.#rollouts.draw(requests, options)),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    const seed = sampleSeed(SEED, this.#steps);
    const { groups } = await drawGroups(items, { spec: SPEC, stage: settings, policy, tensors, rollouts, seed, signal: this.#signal });
    const rewarded = groups.map((group) => {
      const right = highestHalf(group.map(({ drawn }) => drawn.tokens));
      return group.map((rollout, index) => ({ ...rollout, outcome: right[index] === true ? ('right' as const) : ('wrong' as const) }));
    });
    const { rows } = groupRows(rewarded, (rollout) => promptTokens(rollout, SPEC, policy), policy.config.maxPositions);
    // As the stage's only step on a batch: the policy in training drew it, so that the ratio is 1.
    const learnt = rows.map(({ tokens, weights, advantage }) => ({ tokens, weights, advantage }));
    await timed(
      'learn',
      this.#session.step({ microBatches: [learnt], learningRates: { adamW: settings.learningRate }, normalizer: learnt.length }, this.#signal),
    );
    this.#steps += 1;
    const tokens = groups.flat().reduce((sum, { drawn }) => sum + drawn.tokens.length, 0);
    return { milliseconds: performance.now() - start, tokens, parts };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#rollouts[Symbol.asyncDispose]();
    await this.#session[Symbol.asyncDispose]();
  }
}
