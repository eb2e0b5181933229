import { z } from 'zod';
import { Count, DurationMs, Id } from './scalars.ts';
import { ModelIdentity, Usage } from './usage.ts';
import { Verdict } from './verdict.ts';

/** Why no further round followed. */
export const answerEnds = ['accepted', 'exhausted', 'stalled'] as const;

/** One round: what was judged, and how it came out. All lists and indices are over `candidates`. */
export const AnswerRound = z.object({
  candidates: z
    .array(z.string())
    .describe('Each text once, in the order in which the judge was given them: those that the caller brought, or in later rounds the best so far; then those written'),
  written: Count.describe('How many of them, the last ones, were written in this round'),
  verdict: Verdict.omit({ id: true }).describe('As `judge` gives it for these responses; its usage and timings are without the writing'),
  dropped: z.array(Count).describe('Candidates whose mean score is under the threshold'),
  critique: z.string().describe('What the judge says of the best one; the next round was asked to improve on it by this').exactOptional(),
});
export type AnswerRound = z.infer<typeof AnswerRound>;

/** Reply of `grm.v1.<ns>.<svc>.answer`. */
export const Answer = z.object({
  id: Id,
  answer: z.string(),
  accepted: z.boolean().describe('Whether its score reached the threshold'),
  score: z.number().describe('Its mean score in the last round'),
  round: Count.describe('The round in which it was written; 0 for one that the caller brought'),
  ended: z.enum(answerEnds).describe('accepted: the threshold was reached; exhausted: all rounds asked for are over; stalled: another round had nothing new to judge'),
  stalledBy: z.string().describe('What another round failed of').exactOptional(),
  rounds: z.array(AnswerRound),
  model: ModelIdentity,
  usage: Usage.describe('Of writing and judging, all rounds together'),
  timings: z.object({ queueMs: DurationMs, writingMs: DurationMs, samplingMs: DurationMs, metaMs: DurationMs, totalMs: DurationMs }),
});
export type Answer = z.infer<typeof Answer>;
