import type { RolloutResult } from '@grm/protocol';
import { Metrics } from '@grm/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';

/** What a sampler of a training run has done. Names of tokens after OpenTelemetry's conventions, as a service's sampler has them. */
@Injectable()
export class RolloutMetrics {
  readonly #judgements: Counter<'finish_reason'>;
  readonly #stale: Counter;
  readonly #fetched: Gauge;
  readonly #inputTokens: Counter;
  readonly #outputTokens: Counter;

  constructor(@Inject(Metrics) { registry }: Metrics) {
    const registers = [registry];
    this.#judgements = new Counter({ name: 'grm_rollout_judgements_total', help: 'Judgements drawn for training, by what ended them', labelNames: ['finish_reason'] as const, registers });
    this.#stale = new Counter({ name: 'grm_rollout_stale_tasks_total', help: 'Tasks refused because a newer policy had been announced', registers });
    this.#fetched = new Gauge({ name: 'grm_rollout_policies_fetched', help: 'Policies fetched from the object store', registers });
    this.#inputTokens = new Counter({ name: 'gen_ai_usage_input_tokens_total', help: 'Prompt tokens read', registers });
    this.#outputTokens = new Counter({ name: 'gen_ai_usage_output_tokens_total', help: 'Tokens drawn', registers });
  }

  answered(result: RolloutResult, fetched: number): void {
    this.#fetched.set(fetched);
    if ('stale' in result) this.#stale.inc();
    if (!('items' in result)) return;
    this.#inputTokens.inc(result.promptTokens);
    for (const { finishReason, tokens } of result.items.flatMap(({ samples }) => samples)) {
      this.#judgements.inc({ finish_reason: finishReason });
      this.#outputTokens.inc(tokens.length);
    }
  }
}
