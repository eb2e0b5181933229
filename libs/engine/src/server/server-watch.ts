import { once, setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineServerError } from './engine-server-error.ts';
import type { EngineServer } from './engine-server.ts';
import { type ListedModel, parseModels } from './parse-models.ts';
import type { ServerConnection } from './server-connection.ts';
import type { ServerDialect } from './server-dialect.ts';
import { parseServerLoad, type ServerLoad } from './server-load.ts';

export interface WatchOptions {
  readonly connection: ServerConnection;
  readonly dialect: ServerDialect;
  /** What the server is to call the model; undefined: the only one that it lists. */
  readonly model: string | undefined;
  readonly maxWaiting: number;
  readonly periodMs: number;
  readonly report: (line: string) => void;
}

const probeMs = 5_000;
/** Looks without an answer after which a server counts as gone: one may just be slow under load. */
const patience = 2;

/** Looks after a server: whether it is there with the model that it had, and how much waits in it. */
export class ServerWatch implements EngineServer, AsyncDisposable {
  readonly #options: WatchOptions;
  readonly #ending = new AbortController();
  readonly #changes = new EventTarget();
  #problem: string | undefined = 'it has not been asked yet';
  #load: ServerLoad = {};
  #silent = false;
  #watching: Promise<void> | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
    // One for each task that may run at once.
    setMaxListeners(0, this.#changes);
  }

  get url(): string {
    return this.#options.connection.url;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  get load(): ServerLoad {
    return this.#load;
  }

  get retried(): number {
    return this.#options.connection.retried;
  }

  /**
   * Waits until the model is loaded.
   * @throws EngineServerError where it is not within the time, or cannot be told; the signal's reason
   */
  async loaded(timeoutMs: number, signal: AbortSignal): Promise<ListedModel> {
    const { report, periodMs } = this.#options;
    const until = performance.now() + timeoutMs;
    let said: string | undefined;
    for (;;) {
      try {
        const model = await this.#look(signal);
        this.#is(undefined);
        return model;
      } catch (error) {
        signal.throwIfAborted();
        const problem = error instanceof Error ? error.message : String(error);
        const waits = error instanceof EngineServerError && (error.passing || error.status === undefined);
        if (!waits || performance.now() >= until) throw waits ? new EngineServerError(this.url, `has no model loaded after ${Math.round(timeoutMs / 1000)} s: ${problem}`, { cause: error }) : error;
        if (problem !== said) report(`waiting for the server: ${problem}`);
        said = problem;
        await sleep(periodMs, undefined, { signal });
      }
    }
  }

  /** Looks again and again from now on, until disposed of. `replaced`: the server came back with another model. */
  start(expected: ListedModel, replaced: (found: ListedModel) => void): void {
    this.#watching = this.#watch(expected, replaced);
  }

  async opened(signal: AbortSignal): Promise<void> {
    while (this.#problem !== undefined || (this.#load.waiting ?? 0) > this.#options.maxWaiting) await once(this.#changes, 'looked', { signal });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort(new Error('the engine was closed'));
    await this.#watching;
  }

  async #watch(expected: ListedModel, replaced: (found: ListedModel) => void): Promise<void> {
    const { signal } = this.#ending;
    let failures = 0;
    while (!signal.aborted) {
      try {
        const found = await this.#look(signal);
        failures = 0;
        if (JSON.stringify(found.identity) !== JSON.stringify(expected.identity)) replaced(found);
        this.#is(undefined);
      } catch (error) {
        if (signal.aborted) break;
        if (++failures >= patience) this.#is(error instanceof Error ? error.message : String(error));
      }
      this.#changes.dispatchEvent(new Event('looked'));
      await sleep(this.#options.periodMs, undefined, { signal }).catch(() => {});
    }
  }

  /** One look: health, models, load. */
  async #look(signal: AbortSignal): Promise<ListedModel> {
    const { connection } = this.#options;
    const asking = { signal, timeoutMs: probeMs };
    // An empty 200 of vLLM, a status of llama.cpp: that there is one is all.
    await connection.ask({ ...asking, path: '/health', parse: () => true }).catch((error: unknown) => {
      // Behind a proxy there may be no such path.
      if (!(error instanceof EngineServerError) || error.status !== 404) throw error;
    });
    const listed = await connection.ask({ ...asking, path: '/v1/models', parse: (body) => parseModels(JSON.parse(body)) });
    await this.#readLoad(signal);
    return this.#chosen(listed);
  }

  #chosen(listed: readonly ListedModel[]): ListedModel {
    const { model } = this.#options;
    const names = listed.map(({ id }) => id).join(', ');
    const [only, ...others] = model === undefined ? listed : listed.filter(({ id }) => id === model);
    if (only === undefined) {
      const problem = model === undefined ? 'lists no model' : `lists no model ${model}, but ${names === '' ? 'none' : names}; name one of them by servedModelName`;
      throw new EngineServerError(`${this.url}/v1/models`, problem, { status: 200 });
    }
    if (others.length > 0 && model === undefined) throw new EngineServerError(`${this.url}/v1/models`, `lists several models (${names}); say which by servedModelName`, { status: 200 });
    return only;
  }

  /** A server that tells nothing of its load is asked all the same: it refuses what is too much. */
  async #readLoad(signal: AbortSignal): Promise<void> {
    const { connection, dialect, report } = this.#options;
    try {
      this.#load = await connection.ask({ path: '/metrics', signal, timeoutMs: probeMs, parse: (body) => parseServerLoad(body, dialect) });
      this.#silent = false;
    } catch (error) {
      signal.throwIfAborted();
      this.#load = {};
      if (!this.#silent) report(`the server does not say how busy it is, so nothing waits for it to be less so: ${error instanceof Error ? error.message : String(error)}`);
      this.#silent = true;
    }
  }

  #is(problem: string | undefined): void {
    const { report } = this.#options;
    if (problem !== undefined && this.#problem !== problem) report(`the server cannot be asked: ${problem}`);
    if (problem === undefined && this.#problem !== undefined) report(`the server at ${this.url} has its model loaded`);
    this.#problem = problem;
  }
}
