import { Inject, Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { Readiness } from '../health/readiness.ts';
import { Metrics } from '../telemetry/metrics.ts';

/** What an engine tells of the server that it asks. */
export interface ReportedServer {
  /** Why it cannot be asked; undefined while it can. */
  readonly problem: string | undefined;
  /** As the server itself says; a field is absent where it does not. */
  readonly load: { readonly running?: number; readonly waiting?: number; readonly cacheUsage?: number; readonly promptTokens?: number; readonly generatedTokens?: number };
  readonly retried: number;
}

/** Tells of the server behind an engine: in the readiness of the process, and in its metrics. A closed set, whatever the server calls them. */
@Injectable()
export class EngineServerReport {
  constructor(
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {}

  /** Call once, with what the process asks. */
  report(server: ReportedServer): void {
    this.readiness.add('engine', () => server.problem);
    const registers = [this.metrics.registry];
    const gauge = (name: string, help: string, read: () => number | undefined) =>
      new Gauge({
        name: `grm_engine_server_${name}`,
        help,
        registers,
        collect() {
          const value = read();
          // What is not known is not there, rather than 0.
          if (value === undefined) this.remove();
          else this.set(value);
        },
      });
    const counter = (name: string, help: string, read: () => number | undefined) =>
      new Counter({
        name: `grm_engine_server_${name}`,
        help,
        registers,
        collect() {
          this.reset();
          this.inc(read() ?? 0);
        },
      });
    gauge('up', '1 while the server has its model loaded and answers', () => (server.problem === undefined ? 1 : 0));
    gauge('requests_running', 'Requests that the server computes, whoever sent them', () => server.load.running);
    gauge('requests_waiting', 'Requests that wait in the server, whoever sent them', () => server.load.waiting);
    gauge('cache_usage_ratio', 'Share of the memory for keys and values that is in use', () => server.load.cacheUsage);
    counter('prompt_tokens_total', 'Prompt tokens that the server has read since it started', () => server.load.promptTokens);
    counter('generated_tokens_total', 'Tokens that the server has drawn since it started', () => server.load.generatedTokens);
    counter('retries_total', 'Requests that were sent to the server again', () => server.retried);
  }
}
