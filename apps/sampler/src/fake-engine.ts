import type { Completion, EngineServer, GenerateRequest } from '@grm/engine';
import type { SamplerEngine } from './sampler-engine.ts';

/** An engine for tests whose completions name the seed, and which can be told to wait or fail. */
export class FakeEngine implements SamplerEngine {
  readonly info = { model: 'fake', revision: 'r1', contextLength: 4_096 };
  readonly requests: GenerateRequest[] = [];
  closed = false;
  /** The server that it makes believe to ask. */
  readonly server?: EngineServer;
  /** Runs before the completions of each request. */
  before: (request: GenerateRequest, signal?: AbortSignal) => Promise<void> = async () => {};

  constructor(server?: EngineServer) {
    if (server !== undefined) this.server = server;
  }

  async *generate(request: GenerateRequest, signal?: AbortSignal): AsyncGenerator<Completion> {
    this.requests.push(request);
    await this.before(request, signal);
    for (const [prompt, { samples }] of request.prompts.entries()) {
      for (const [sample, { seed }] of samples.entries()) {
        yield { prompt, sample, promptTokens: 100, text: `judgement ${seed}`, tokens: [1, 2], logprobs: [-0.5, -1.5], finishReason: 'stop' };
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closed = true;
  }
}
