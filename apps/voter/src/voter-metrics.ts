import type { Answer, Verdict, WriteSuccess } from '@grm/protocol';
import { Metrics } from '@grm/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { Counter, Histogram } from 'prom-client';
import type { ReadSample } from './judgement/read-sample.ts';

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const tenths = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.999];

/** What one watches a judge by, besides the requests and errors that every service counts. */
@Injectable()
export class VoterMetrics {
  readonly #samples: Counter<'stage'>;
  readonly #invalid: Counter<'reason'>;
  readonly #verdicts: Counter<'stopped'>;
  readonly #tokens: Counter<'kind'>;
  readonly #metaScores: Histogram;
  readonly #agreement: Histogram;
  readonly #margin: Histogram;
  readonly #seconds: Histogram<'stage'>;
  readonly #answers: Counter<'ended'>;
  readonly #candidates: Counter<'stage'>;
  readonly #rounds: Histogram;
  readonly #answerScore: Histogram;

  constructor(@Inject(Metrics) { registry }: Metrics) {
    const registers = [registry];
    this.#samples = new Counter({ name: 'grm_samples_total', help: 'Samples of verdicts: asked for, drawn, parsed as scores, kept for the vote', labelNames: ['stage'], registers });
    this.#invalid = new Counter({ name: 'grm_samples_invalid_total', help: 'Samples that could not be read as scores, by reason', labelNames: ['reason'], registers });
    this.#verdicts = new Counter({ name: 'grm_verdicts_total', help: 'Verdicts by why drawing stopped: complete, settled, confident', labelNames: ['stopped'], registers });
    this.#tokens = new Counter({ name: 'grm_tokens_total', help: 'Tokens of judgements and answers, read (prompt) and written (completion)', labelNames: ['kind'], registers });
    this.#metaScores = new Histogram({ name: 'grm_meta_score', help: "The meta reward model's probability that a judgement is sound", buckets: tenths, registers });
    this.#agreement = new Histogram({ name: 'grm_verdict_agreement', help: 'Share of the kept judgements that put the best response first', buckets: tenths, registers });
    this.#margin = new Histogram({ name: 'grm_verdict_margin_points', help: "The best response's mean score less the next one's, 0 to 9", buckets: [0, 0.25, 0.5, 1, 2, 3, 4, 5, 6, 7, 8], registers });
    this.#seconds = new Histogram({ name: 'grm_verdict_stage_seconds', help: 'Time of a verdict by stage: queue, sampling, meta, total', labelNames: ['stage'], buckets: seconds, registers });
    this.#answers = new Counter({ name: 'grm_answers_total', help: 'Answers by why no further round followed: accepted, exhausted, stalled', labelNames: ['ended'], registers });
    this.#candidates = new Counter({ name: 'grm_answer_candidates_total', help: 'Candidates of answers: written by the model, judged, dropped under the threshold', labelNames: ['stage'], registers });
    this.#rounds = new Histogram({ name: 'grm_answer_rounds', help: 'Rounds judged for an answer, the first included', buckets: [1, 2, 3, 4, 5, 6, 7, 8, 9], registers });
    this.#answerScore = new Histogram({ name: 'grm_answer_score_points', help: 'Mean score of answers given, 1 to 10', buckets: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], registers });
  }

  observeSamples(read: readonly (ReadSample & { readonly metaLogit?: number | undefined })[]): void {
    for (const { judgement, metaLogit } of read) {
      if (!judgement.valid) this.#invalid.inc({ reason: judgement.reason });
      if (metaLogit !== undefined) this.#metaScores.observe(1 / (1 + Math.exp(-metaLogit)));
    }
  }

  observeVerdict(verdict: Verdict, stopped: string): void {
    for (const [stage, count] of Object.entries(verdict.samples)) this.#samples.inc({ stage }, count);
    this.#verdicts.inc({ stopped });
    this.#tokens.inc({ kind: 'prompt' }, verdict.usage.promptTokens);
    this.#tokens.inc({ kind: 'completion' }, verdict.usage.completionTokens);
    this.#agreement.observe(verdict.agreement);
    this.#margin.observe(verdict.margin);
    const { queueMs, samplingMs, metaMs, totalMs } = verdict.timings;
    for (const [stage, ms] of Object.entries({ queue: queueMs, sampling: samplingMs, meta: metaMs, total: totalMs })) this.#seconds.observe({ stage }, ms / 1_000);
  }

  /** What its rounds cost in judgements was observed with their verdicts; what it cost in writing is seen here. */
  observeAnswer(answer: Answer, writings: readonly WriteSuccess[]): void {
    this.#answers.inc({ ended: answer.ended });
    this.#rounds.observe(answer.rounds.length);
    this.#answerScore.observe(answer.score);
    for (const { answers, usage } of writings) {
      this.#candidates.inc({ stage: 'written' }, answers.length);
      this.#tokens.inc({ kind: 'prompt' }, usage.promptTokens);
      this.#tokens.inc({ kind: 'completion' }, usage.completionTokens);
    }
    for (const { candidates, dropped } of answer.rounds) {
      this.#candidates.inc({ stage: 'judged' }, candidates.length);
      this.#candidates.inc({ stage: 'dropped' }, dropped.length);
    }
  }
}
