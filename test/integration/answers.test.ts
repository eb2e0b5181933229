import { type Answer, type AnswerRequest, InvalidRequestError } from '@grm/client';
import { waitUntil } from '@grm/controller-runtime/testing';
import { ErrorBody, errorCodes, headerNames, parsePayload } from '@grm/protocol';
import { afterAll, describe, expect, it } from 'vitest';
import { type PromptReply, startJudgeService, temporaryFolder, workQueueState, writeReplyingModel } from '../support/index.ts';

/** The model answers with a number of points, the judge gives each so many, and a revised draft is two points better. */
const firstPoints = [3, 4];
const revisedPoints = [3, 4, 5, 6];
const broughtPoints = 7;
const text = (points: number) => `answer ${points}`;

function arrangements(points: readonly number[]): number[][] {
  return points.length === 0 ? [[]] : points.flatMap((first) => arrangements(points.filter((other) => other !== first)).map((rest) => [first, ...rest]));
}

/** How the judge judges these answers together, in whatever order it sees them. */
function judging(points: readonly number[]): PromptReply[] {
  return arrangements(points).map((shown) => ({
    after: `\n${shown.map((each, position) => `[Response ${position + 1}] ${text(each)}\n`).join('')}[Judge]`,
    texts: [` Criteria: accuracy 6\nAnalysis: ${shown.map((each, position) => `Response ${position + 1} has ${each}.`).join(' ')}\nScores: \\boxed{${shown.join(', ')}}`],
  }));
}

const replies: PromptReply[] = [
  { after: '\n[Answer]', texts: firstPoints.map((points) => ` ${text(points)}`) },
  ...revisedPoints.map((points) => ({ after: `\n[Draft] ${text(points)}\n[Critique] Response 1 has ${points}.\n[Answer]`, texts: [` ${text(points + 2)}`] })),
  ...[[3], [4], [3, 4], ...revisedPoints.map((points) => [points, points + 2]), [7, 3], [7, 4], [7, 3, 4]].flatMap(judging),
];

const folder = await temporaryFolder();
await writeReplyingModel(folder.path, replies);
const maxResponses = 5;
const service = await startJudgeService({ engine: { model: folder.path }, environment: { GRM_MAX_RESPONSES: String(maxResponses), GRM_MAX_TOKENS: '32' } });
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const question: AnswerRequest = { conversation: [{ role: 'user', content: 'What is 17 + 25?' }], sampling: { samples: 4, seed: 7, stopping: 'Never' } };
const answer = (changes: Partial<AnswerRequest> = {}) => service.client.answer({ ...question, ...changes }, { timeoutMs: 60_000 });

/** All of an answer that is about the question. */
function substance({ id: _id, timings: _timings, rounds, ...rest }: Answer) {
  return { ...rest, rounds: rounds.map(({ verdict: { timings: _judging, ...verdict }, ...round }) => ({ ...round, verdict })) };
}

describe('an answer of the model, judged by itself', () => {
  it('that is under the threshold is improved on by its critique, and the first that reaches it is given', async () => {
    const given = await answer({ threshold: 6, rounds: 5 });
    expect(given).toMatchObject({ answer: 'answer 6', accepted: true, score: 6, round: 1, ended: 'accepted' });
    expect(given.rounds.map(({ candidates }) => candidates.toSorted())).toEqual([
      ['answer 3', 'answer 4'],
      ['answer 4', 'answer 6'],
    ]);
    expect(given.rounds[0]).toMatchObject({ written: 2, dropped: [0, 1], critique: 'Response 1 has 4.', verdict: { samples: { asked: 4, drawn: 4, parsed: 4, kept: 4 } } });
    expect(given.rounds[1]).toMatchObject({ candidates: ['answer 4', 'answer 6'], written: 1, dropped: [0], verdict: { meanScores: [4, 6], best: 1 } });
    expect(given.rounds[1]).not.toHaveProperty('critique');
  });

  it('that is good enough at once ends after one round', async () => {
    const given = await answer({ threshold: 4, rounds: 5 });
    expect(given).toMatchObject({ answer: 'answer 4', accepted: true, round: 0 });
    expect(given.rounds).toHaveLength(1);
  });

  it.each([
    [0, 'answer 4', 1],
    [1, 'answer 6', 2],
    [2, 'answer 8', 3],
  ])('that never reaches the threshold is the best of all after %d further rounds, and no error', async (rounds, best, judged) => {
    const given = await answer({ threshold: 10, rounds });
    expect(given).toMatchObject({ answer: best, accepted: false, ended: 'exhausted' });
    expect(given.rounds).toHaveLength(judged);
  });

  it('that cannot be improved on any more is given before the rounds are over', async () => {
    expect(await answer({ threshold: 10, rounds: 8 })).toMatchObject({ answer: 'answer 8', accepted: false, ended: 'stalled', stalledBy: 'None of the 4 answers written is a new one' });
  });

  it("gives way to a better one of the caller's", async () => {
    const given = await answer({ responses: [text(broughtPoints)], candidates: 3 });
    expect(given).toMatchObject({ answer: 'answer 7', accepted: true, score: 7, round: 0 });
    expect(given.rounds[0]?.candidates).toEqual(['answer 7', expect.any(String), expect.any(String)]);
  });

  it('comes though the voter that had the request dies, and once for an id', async () => {
    const [voter] = service.voters;
    if (voter === undefined) throw new Error('no voter runs');
    for (const sampler of service.samplers) sampler.signal('SIGSTOP');
    const waiting = answer({ id: 'kept', rounds: 1 });
    await waitUntil(async () => (await voter.metric('grm_requests_in_flight', { endpoint: 'answer' })) > 0, { what: 'a voter that has the request' });
    await voter.end('SIGKILL');
    for (const sampler of service.samplers) sampler.signal('SIGCONT');
    await voter.restart();
    const given = await waiting;
    expect(given).toMatchObject({ id: 'kept', answer: 'answer 6' });
    expect(await answer({ id: 'kept', rounds: 1 })).toEqual(given);
  });

  it('is the same for the same request and seed, with one sampler, with three, and after a restart', async () => {
    const request = { ...question, candidates: 1, threshold: 10, rounds: 2, detail: 'judgements' } as const;
    const alone = substance(await service.client.answer(request));
    await Promise.all([service.start('sampler'), service.start('sampler')]);
    const crowded = await Promise.all(Array.from({ length: 6 }, () => service.client.answer(request)));
    for (const process of [...service.samplers, ...service.voters]) {
      await process.end('SIGKILL');
      await process.restart();
    }
    for (const other of [...crowded, await service.client.answer(request)]) expect(substance(other)).toEqual(alone);
    const seeds = await Promise.all(Array.from({ length: 8 }, (_, seed) => answer({ candidates: 1, rounds: 0, writing: { seed } })));
    expect(new Set(seeds.map((given) => given.answer)).size).toBe(2);
  });
});

describe('a bad request for an answer is refused with invalid-request, by field, before any work is queued', () => {
  it.each<[what: string, changes: object, path: string, says: RegExp]>([
    ['no conversation', { conversation: [] }, 'conversation', /at least one message/],
    ['a conversation that ends with the assistant', { conversation: [{ role: 'user', content: 'a' }, { role: 'assistant', content: 'b' }] }, 'conversation', /message of the assistant/],
    ['no candidates', { candidates: 0 }, 'candidates', /from 1 to 64/],
    ['more candidates than the service judges together', { candidates: 5 }, 'candidates', /at most 4, as this service judges at most 5 responses together/],
    ['so many responses that nothing can be written', { responses: ['1', '2', '3', '4', '5'] }, 'responses', /at most 4 responses/],
    ['an empty response', { responses: [''] }, 'responses[0]', /empty/],
    ['a threshold off the scale', { threshold: 0 }, 'threshold', /not be below 1/],
    ['a threshold of NaN', { threshold: Number.NaN }, 'threshold', /number from 1 to 10, got null/],
    ['rounds without end', { rounds: 100 }, 'rounds', /from 0 to 8/],
    ['a writer that is too hot', { writing: { temperature: 9 } }, 'writing.temperature', /not be above 2/],
    ['longer answers than the service writes', { writing: { maxTokens: 33 } }, 'writing.maxTokens', /at most 32/],
    ['a rule that needs a meta RM where there is none', { vote: { metaRM: 'Weight' } }, 'vote.metaRM', /this service has none/],
    ['an unknown field', { treshold: 7 }, '', /treshold/],
  ])('%s', async (_, changes, path, says) => {
    const { published } = await workQueueState(service);
    const reply = await service.connection.request(service.names.answer, JSON.stringify({ ...question, ...changes }), { timeout: 20_000 });
    expect(reply.headers?.get(headerNames.serviceErrorCode)).toBe(String(errorCodes['invalid-request'].status));
    const { code, message, issues = [] } = parsePayload(ErrorBody, reply.data, 'ErrorBody');
    expect({ code, message }).toEqual({ code: 'invalid-request', message: expect.stringMatching(says) });
    expect(message).toMatch(/^AnswerRequest/);
    expect(issues.map((issue) => issue.path)).toContain(path);
    expect((await workQueueState(service)).published).toBe(published);
  });

  it('and by the client itself, by the same words', async () => {
    await expect(answer({ threshold: 11 })).rejects.toThrow(InvalidRequestError);
    await expect(answer({ threshold: 11 })).rejects.toThrow(/threshold: must not be above 10/);
  });
});
