import { z } from 'zod';
import { JudgeInput } from './judge-input.ts';
import { checkKeep, detailLevels, SamplingOptions, VoteOptions } from './judge-request.ts';
import { limits } from './limits.ts';
import { Id, Score, Seed, Temperature, whole } from './scalars.ts';

/** How answers are written. What is left out is the service's choice. */
export const WritingOptions = z.strictObject({
  temperature: Temperature.exactOptional(),
  maxTokens: whole('maxTokens', 1, limits.maxTokens).describe('New tokens of one answer; as many as a judgement may have when absent').exactOptional(),
  seed: Seed.describe("Unsigned 32-bit integer; the judge's seed when absent").exactOptional(),
});

const { conversation, responses, reference, criteria } = JudgeInput.shape;

/** Request of `grm.v1.<ns>.<svc>.answer`: write candidates, judge them, improve on the best. */
export const AnswerRequest = z
  .strictObject({
    id: Id.describe('Names the request across retries; the client makes one when absent').exactOptional(),
    conversation: conversation.refine((messages) => messages.at(-1)?.role !== 'assistant', 'must end with what is to be answered, not with a message of the assistant'),
    candidates: whole('candidates', 1, limits.responses).describe('Answers to write in each round').exactOptional(),
    responses: responses.describe('Answers that the caller brings; they are judged beside those written in the first round').exactOptional(),
    reference,
    criteria,
    threshold: Score.describe('Mean score at which an answer is good enough').exactOptional(),
    rounds: whole('rounds', 0, limits.rounds).describe('How often the best answer may be improved on by its critique').exactOptional(),
    sampling: SamplingOptions.describe("The judge's").exactOptional(),
    vote: VoteOptions.exactOptional(),
    writing: WritingOptions.exactOptional(),
    detail: z.enum(detailLevels).describe('Whether the verdict of each round holds its judgements').exactOptional(),
  })
  .check(checkKeep);
export type AnswerRequest = z.infer<typeof AnswerRequest>;
