import type { SampleSuccess, WriteSuccess } from '@grm/protocol';
import { Metrics } from '@grm/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { Counter, Histogram } from 'prom-client';

/** Names after OpenTelemetry's conventions for generative models where they have one. */
@Injectable()
export class SamplerMetrics {
  readonly #samples: Counter<'finish_reason'>;
  readonly #answers: Counter<'finish_reason'>;
  readonly #inputTokens: Counter;
  readonly #outputTokens: Counter;
  readonly #timePerToken: Histogram;

  constructor(@Inject(Metrics) { registry }: Metrics) {
    const registers = [registry];
    this.#samples = new Counter({ name: 'grm_sampler_samples_total', help: 'Judgements drawn, by what ended them', labelNames: ['finish_reason'] as const, registers });
    this.#answers = new Counter({ name: 'grm_sampler_answers_total', help: 'Answers written, by what ended them', labelNames: ['finish_reason'] as const, registers });
    this.#inputTokens = new Counter({ name: 'gen_ai_usage_input_tokens_total', help: 'Prompt tokens read', registers });
    this.#outputTokens = new Counter({ name: 'gen_ai_usage_output_tokens_total', help: 'Tokens drawn', registers });
    this.#timePerToken = new Histogram({
      name: 'gen_ai_server_time_per_output_token_seconds',
      help: 'Time of a task divided by the tokens that it drew',
      buckets: [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1],
      registers,
    });
  }

  drawn(result: SampleSuccess): void {
    for (const { finishReason } of result.samples) this.#samples.inc({ finish_reason: finishReason });
    this.#observeTokens(result);
  }

  written(result: WriteSuccess): void {
    for (const { finishReason } of result.answers) this.#answers.inc({ finish_reason: finishReason });
    this.#observeTokens(result);
  }

  #observeTokens({ usage, timings }: SampleSuccess | WriteSuccess): void {
    this.#inputTokens.inc(usage.promptTokens);
    this.#outputTokens.inc(usage.completionTokens);
    if (usage.completionTokens > 0) this.#timePerToken.observe(timings.runMs / 1e3 / usage.completionTokens);
  }
}
