import { describe, expect, it } from 'vitest';
import { AnswerRequest } from './answer-request.ts';
import { checkPayload } from './parse-payload.ts';

const good = { conversation: [{ role: 'user', content: 'What is 2 + 2?' }] };
const check = (value: unknown) => checkPayload(AnswerRequest, value, 'AnswerRequest');

describe('an answer request', () => {
  it('needs no more than a conversation', () => {
    expect(check(good)).toEqual(good);
  });

  it('may bring answers, bounds, and settings of judge and writer', () => {
    const all = {
      ...good,
      id: 'a',
      candidates: 64,
      responses: ['4'],
      reference: '4',
      criteria: ['accuracy'],
      threshold: 7.5,
      rounds: 8,
      sampling: { samples: 4, seed: 1, stopping: 'Never' },
      vote: { metaRM: 'Filter', keep: 2 },
      writing: { temperature: 1, maxTokens: 20, seed: 2 },
      detail: 'judgements',
    };
    expect(check(all)).toEqual(all);
  });

  it.each([
    ['no conversation', {}, 'conversation', 'expected array'],
    ['a conversation that the assistant has answered', { conversation: [...good.conversation, { role: 'assistant', content: '4' }] }, 'conversation', 'not with a message of the assistant'],
    ['no candidates', { ...good, candidates: 0 }, 'candidates', 'from 1 to 64'],
    ['too many candidates', { ...good, candidates: 65 }, 'candidates', 'from 1 to 64'],
    ['an empty list of responses', { ...good, responses: [] }, 'responses', 'at least one response'],
    ['a threshold below the scale', { ...good, threshold: 0.5 }, 'threshold', 'not be below 1'],
    ['a threshold above the scale', { ...good, threshold: 11 }, 'threshold', 'not be above 10'],
    ['a threshold of NaN', { ...good, threshold: Number.NaN }, 'threshold', 'from 1 to 10, got NaN'],
    ['rounds without end', { ...good, rounds: 9 }, 'rounds', 'from 0 to 8'],
    ['half a round', { ...good, rounds: 0.5 }, 'rounds', 'whole number'],
    ['keep above samples', { ...good, sampling: { samples: 4 }, vote: { keep: 5 } }, 'vote.keep', 'keep (5) must not be above sampling.samples (4)'],
    ['a writer that is too hot', { ...good, writing: { temperature: 3 } }, 'writing.temperature', 'above 2'],
    ['a setting that writing has not', { ...good, writing: { samples: 3 } }, 'writing', 'samples'],
    ['an unknown field', { ...good, treshold: 7 }, '', 'treshold'],
  ])('with %s is refused by the field', (_, value, path, message) => {
    expect(() => check(value)).toThrow(expect.objectContaining({ code: 'invalid-request', issues: expect.arrayContaining([{ path, message: expect.stringContaining(message) }]) }));
  });
});
