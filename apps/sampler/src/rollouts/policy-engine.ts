import { isDeepStrictEqual } from 'node:util';
import type { EmbeddedEngine, NamedModel } from '@grm/engine';
import { type ModelInMemory, unpackModel } from '@grm/language-model';
import type { PolicyReference } from '@grm/protocol';
import type { SamplerEngine } from '../sampler-engine.ts';
import { Turnstile } from './turnstile.ts';

/** An engine that can go on with other weights. */
export type ReplaceableEngine = SamplerEngine & Pick<EmbeddedEngine, 'replaceWeights'>;

export interface PolicySource {
  /** A policy as `packModel` wrote it. */
  readonly fetch: (policy: PolicyReference, signal: AbortSignal) => Promise<Uint8Array>;
  readonly open: (model: NamedModel) => Promise<ReplaceableEngine>;
  /** What the engine calls its model. */
  readonly name: string;
}

/** Policies kept beside the engine, so that going back to the one before costs no transfer. Each takes a model's memory. */
const kept = 2;

/**
 * One engine that draws with whichever policy a task names. Weights are fetched once for each revision, and replaced only when nobody
 * draws with the ones before.
 */
export class PolicyEngine implements AsyncDisposable {
  readonly #source: PolicySource;
  readonly #turnstile = new Turnstile();
  readonly #models = new Map<string, ModelInMemory>();
  #loaded: { readonly engine: ReplaceableEngine; readonly model: ModelInMemory; readonly revision: string } | undefined;
  #fetched = 0;

  constructor(source: PolicySource) {
    this.#source = source;
  }

  /** Revision of the weights in the engine. */
  get revision(): string | undefined {
    return this.#loaded?.revision;
  }

  /** Calls of `draw` that have not returned. */
  get drawing(): number {
    return this.#turnstile.inside;
  }

  /** Policies fetched so far. */
  get fetched(): number {
    return this.#fetched;
  }

  /**
   * Draws with a policy's weights, which stay until `draw` returns.
   * @throws what fetching, opening or drawing throws; the signal's reason
   */
  async drawWith<Drawn>(policy: PolicyReference, draw: (engine: SamplerEngine) => Promise<Drawn>, signal: AbortSignal): Promise<Drawn> {
    using _pass = await this.#turnstile.enter(() => this.#prepare(policy, signal), () => this.revision === policy.revision);
    const engine = this.#loaded?.engine;
    if (engine === undefined) throw new Error('the engine is closed');
    return await draw(engine);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#unload();
    this.#models.clear();
  }

  async #prepare(policy: PolicyReference, signal: AbortSignal): Promise<void> {
    const model = await this.#modelOf(policy, signal);
    const { revision } = policy;
    try {
      if (this.#loaded !== undefined && sameButForWeights(this.#loaded.model, model)) {
        await this.#loaded.engine.replaceWeights({ tensors: model.tensors, revision });
        this.#loaded = { ...this.#loaded, model, revision };
      } else {
        await this.#unload();
        this.#loaded = { engine: await this.#source.open({ ...model, name: this.#source.name, revision }), model, revision };
      }
    } catch (error) {
      // Which weights it has now is not known.
      await this.#unload();
      throw error;
    }
  }

  async #modelOf(policy: PolicyReference, signal: AbortSignal): Promise<ModelInMemory> {
    const { revision } = policy;
    let model = this.#models.get(revision);
    if (model === undefined) {
      model = unpackModel(await this.#source.fetch(policy, signal), `policy ${revision}`);
      this.#fetched++;
    }
    // A Map iterates in the order of insertion: the first is the one used longest ago.
    this.#models.delete(revision);
    this.#models.set(revision, model);
    for (const oldest of this.#models.keys()) {
      if (this.#models.size <= kept) break;
      this.#models.delete(oldest);
    }
    return model;
  }

  async #unload(): Promise<void> {
    const loaded = this.#loaded;
    this.#loaded = undefined;
    await loaded?.engine[Symbol.asyncDispose]();
  }
}

function sameButForWeights(left: ModelInMemory, right: ModelInMemory): boolean {
  const rest = ({ config, tokenizer, chatTemplate }: ModelInMemory) => ({ config, tokenizer, chatTemplate });
  return isDeepStrictEqual(rest(left), rest(right));
}
