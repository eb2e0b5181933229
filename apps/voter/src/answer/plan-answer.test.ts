import type { AnswerRequest } from '@grm/protocol';
import { sampleSeed } from '@grm/spct';
import { describe, expect, test } from 'vitest';
import type { ServiceSettings } from '../plan/service-settings.ts';
import { planOf, settings } from './answer.fixture.ts';
import { planAnswer } from './plan-answer.ts';
import { judgementPlanOf, writingPlanOf } from './round-plans.ts';

const request: AnswerRequest = { conversation: [{ role: 'user', content: 'What is 17 + 25?' }] };
const attempt = { id: 'request', runId: 'run', deadline: 1_000 };
const plan = (change: Partial<AnswerRequest> = {}, service: Partial<ServiceSettings> = {}) => planAnswer({ ...request, ...change }, { ...settings, ...service }, attempt);
const judging = (maxResponses: number) => ({ limits: { ...settings.limits, maxResponses } });

describe('planAnswer', () => {
  test('writes four answers, wants a mean score of 6, and tries once more, where the request says nothing', () => {
    expect(plan()).toMatchObject({ ...attempt, ...request, brought: [], candidates: 4, threshold: 6, rounds: 1, template: 'compact', writing: { temperature: 0.7, maxTokens: 64 }, judging: {}, detail: 'scores' });
  });

  test("takes the request's where it says something", () => {
    const change: Partial<AnswerRequest> = {
      candidates: 2,
      responses: ['42', '43', '42'],
      reference: '42',
      criteria: ['accuracy'],
      threshold: 8.5,
      rounds: 3,
      sampling: { samples: 4, seed: 9 },
      vote: { metaRM: 'None' },
      writing: { temperature: 1, maxTokens: 20, seed: 7 },
      detail: 'judgements',
    };
    const { reference, criteria, sampling, vote, threshold, rounds, candidates, writing, detail } = change;
    expect(plan(change)).toMatchObject({ brought: ['42', '43'], threshold, rounds, candidates, writing, detail, judging: { reference, criteria, sampling, vote } });
  });

  test("writes by its own seed, or else by the judge's, or else by one from what is asked", () => {
    expect(plan({ writing: { seed: 7 }, sampling: { seed: 9 } }).writing.seed).toBe(7);
    expect(plan({ sampling: { seed: 9 } }).writing.seed).toBe(9);
    expect(plan().writing.seed).toBe(plan({ rounds: 3, threshold: 9 }).writing.seed);
    expect(plan({ reference: '42' }).writing.seed).not.toBe(plan().writing.seed);
  });

  test.each<[string, Partial<AnswerRequest>, Partial<ServiceSettings>, number, number]>([
    ['writes fewer by default where the service judges few', {}, judging(3), 2, 1],
    ['leaves room for what the caller brings', { responses: ['1', '2', '3', '4', '5', '6'] }, {}, 2, 1],
    ['needs no room for a best so far in a lone round', { rounds: 0 }, judging(3), 3, 0],
    ['has one round of one answer where the service judges one at a time', {}, judging(1), 1, 0],
  ])('%s', (_, change, service, candidates, rounds) => {
    expect(plan(change, service)).toMatchObject({ candidates, rounds });
  });

  test.each<[string, Partial<AnswerRequest>, Partial<ServiceSettings>, string, string]>([
    ['more candidates than the service judges', { candidates: 9, rounds: 0 }, {}, 'candidates', 'must be at most 8, as this service judges at most 8 responses together; it is 9'],
    ['as many, where the best so far is to be judged with them', { candidates: 8 }, {}, 'candidates', 'must be at most 7'],
    ['as many, beside those that it brings', { candidates: 7, responses: ['1', '2'] }, {}, 'candidates', 'must be at most 6, as this service judges at most 8 responses together and the 2 that the request brings are among them; it is 7'],
    ['so many responses that nothing can be written', { responses: ['1', '2', '3'] }, judging(3), 'responses', 'must hold at most 2 responses'],
    ['rounds where the service judges one at a time', { rounds: 1 }, judging(1), 'rounds', 'must be 0'],
    ['longer answers than the service writes', { writing: { maxTokens: 65 } }, {}, 'writing.maxTokens', 'must be at most 64, as this service is set; it is 65'],
    ['a meta RM that is not there', { vote: { metaRM: 'Weight' } }, {}, 'vote.metaRM', 'this service has none'],
    ['keep without the filter', { vote: { keep: 1 } }, {}, 'vote.keep', 'voted on by None'],
  ])('refuses %s', (_, change, service, path, message) => {
    expect(() => plan(change, service)).toThrow(expect.objectContaining({ code: 'invalid-request', message: expect.stringMatching(/^AnswerRequest /), issues: [{ path, message: expect.stringContaining(message) }] }));
  });
});

describe('the plan of a round', () => {
  const answers = (round: number, candidates = 4) => writingPlanOf(planOf({ candidates, rounds: 3 }), round).tasks.flatMap(({ samples }) => samples);

  test('numbers the answers through all rounds, each with a seed of its own, which are not the judge\'s', () => {
    const all = [0, 1, 2].flatMap((round) => answers(round));
    expect(all.map(({ index }) => index)).toEqual(Array.from({ length: 12 }, (_, index) => index));
    expect(new Set(all.map(({ seed }) => seed)).size).toBe(12);
    const judges = judgementPlanOf(planOf({ candidates: 4 }), 0, ['a'], settings).waves.flat().flatMap(({ samples }) => samples.map(({ seed }) => seed));
    expect(judges).toEqual([sampleSeed(1, 0), sampleSeed(1, 1)]);
    expect(all.filter(({ seed }) => judges.includes(seed))).toEqual([]);
  });

  test('keeps the first answers when more are asked for', () => {
    expect(answers(0, 7).slice(0, 2)).toEqual(answers(0, 2));
  });

  test('cuts many answers into tasks, under names of its own', () => {
    const { tasks, runId } = writingPlanOf(planOf({ candidates: 7, rounds: 3 }), 2, { draft: 'a', critique: 'b' });
    expect([runId, ...tasks.map(({ taskId }) => taskId)]).toEqual(['run-write-2', 'run-write-2-0']);
  });

  test('waits for room in a full queue only once work was spent', () => {
    expect([0, 1].map((round) => writingPlanOf(planOf(), round).begun)).toEqual([false, true]);
  });

  test('asks the judge what a caller of `judge` would ask, with its judgements', () => {
    const judging = { reference: '42', criteria: ['accuracy'], sampling: { samples: 4, seed: 9 } };
    expect(judgementPlanOf(planOf(judging), 1, ['a', 'b'], settings)).toMatchObject({
      id: 'request', runId: 'run-judge-1', input: { responses: ['a', 'b'], reference: '42', criteria: ['accuracy'] }, asked: 4, seed: 9, detail: 'judgements',
    });
  });
});
