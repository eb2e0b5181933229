import type { openEmbeddedEngine, EmbeddedEngine } from '@grm/engine';
import { drawJudgements, type Drawn, type DrawRequest } from '@grm/judging';
import type { DrawingPolicy, DrawOptions, Rollouts } from './rollouts.ts';

export interface LocalRolloutsOptions {
  readonly openEngine: typeof openEmbeddedEngine;
  /** Calls of the engine at once, each on a worker of its own. */
  readonly workers: number;
  /** Threads of one worker. Judgements are equal for equal numbers of threads. */
  readonly threads: number;
  readonly signal: AbortSignal;
}

/** Draws in this process, on worker threads. */
export class LocalRollouts implements Rollouts {
  readonly #options: LocalRolloutsOptions;
  #engine: EmbeddedEngine | undefined;
  #policy: DrawingPolicy | undefined;
  #policies = 0;

  constructor(options: LocalRolloutsOptions) {
    this.#options = options;
  }

  async use(policy: DrawingPolicy): Promise<void> {
    const { openEngine, workers, threads, signal } = this.#options;
    const revision = `policy-${(this.#policies += 1)}`;
    const before = this.#policy;
    this.#policy = policy;
    if (this.#engine !== undefined && before?.config === policy.config && before.tokenizer === policy.tokenizer) {
      await this.#engine.replaceWeights({ tensors: policy.tensors, revision });
      return;
    }
    await this.#engine?.[Symbol.asyncDispose]();
    this.#engine = await openEngine({ model: { ...policy, name: 'policy', revision }, kind: 'generate', workers, threads }, signal);
  }

  async draw(requests: readonly DrawRequest[], { signal, drawn }: DrawOptions): Promise<readonly Drawn[]> {
    const engine = this.#engine;
    if (engine === undefined) throw new RangeError('no policy has been given yet');
    const results = new Map<number, Drawn>();
    const waiting = requests.entries();
    const work = async (): Promise<void> => {
      for (const [index, request] of waiting) {
        results.set(index, await drawJudgements(engine, request, signal));
        drawn?.(results.size);
      }
    };
    await Promise.all(Array.from({ length: this.#options.workers }, work));
    return requests.flatMap((_, index) => results.get(index) ?? []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine?.[Symbol.asyncDispose]();
  }
}
