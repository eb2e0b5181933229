import { type AnswerRequest, Cancellation, type ErrorBody, parsePayload, type SampleTask, type WriteTask } from '@grm/protocol';
import { NatsServiceStrategy, type RunningService, startService } from '@grm/service-kit';
import { type ServiceGround, serviceGround, startNatsServer, type TestNatsServer } from '@grm/service-kit/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startProxy } from './proxy.fixture.ts';
import { answer, judge, startWorkers } from './voter.fixture.ts';
import { VoterModule } from './voter.module.ts';

const request: AnswerRequest = { conversation: [{ role: 'user', content: 'What is 17 + 25?' }], sampling: { samples: 2, seed: 3 } };
const patience = { timeout: 10_000, interval: 10 };

let server: TestNatsServer;
beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server[Symbol.asyncDispose]());

function startVoter({ configuration }: ServiceGround): Promise<RunningService> {
  return startService({ application: 'voter', module: VoterModule, strategies: [NatsServiceStrategy], configuration });
}

/** Answers read `answer <points>`, and the judge gives each so many. */
const points = (text: string) => Number(text.replace(/\D/g, ''));
const byPoints = (_: unknown, { input }: SampleTask) => input.responses.map(points);
/** One point more than the draft, or 3 and 4 without one. */
const oneBetter = ({ index }: { index: number }, { revise }: WriteTask) => ` answer ${revise === undefined ? 3 + (index % 2) : points(revise.draft) + 1}`;

describe('an answer on a real server', () => {
  test('is improved on round by round until it is good enough', async () => {
    await using ground = await serviceGround({ server });
    await using workers = await startWorkers(ground, { opinion: byPoints, writes: oneBetter });
    await using voter = await startVoter(ground);

    const given = await answer(ground, { ...request, id: 'a-1', rounds: 5 });
    expect(given).toMatchObject({ id: 'a-1', answer: 'answer 6', accepted: true, score: 6, round: 2, ended: 'accepted', model: { name: 'test-judge', revision: 'r1' } });
    expect(given.rounds.map(({ candidates, written, dropped }) => [candidates, written, dropped])).toEqual([
      [['answer 3', 'answer 4'], 2, [0, 1]],
      [['answer 4', 'answer 5'], 1, [0, 1]],
      [['answer 5', 'answer 6'], 1, [0]],
    ]);
    expect(given.rounds[0]).toMatchObject({ verdict: { meanScores: [3, 4], best: 1, samples: { asked: 2 } }, critique: 'fine.' });
    expect(given.rounds[0]?.verdict).not.toHaveProperty('judgements');
    expect(workers.writeTasks.map(({ revise }) => revise)).toEqual([undefined, { draft: 'answer 4', critique: 'fine.' }, { draft: 'answer 5', critique: 'fine.' }]);
    expect(await ground.pending()).toBe(0);

    const metrics = await (await fetch(`${voter.url}/metrics`)).text();
    expect(metrics).toContain('grm_answers_total{ended="accepted"} 1');
    expect(metrics).toContain('grm_answer_rounds_sum 3');
    expect(metrics).toContain('grm_answer_candidates_total{stage="written"} 12');
    expect(metrics).toContain('grm_answer_candidates_total{stage="dropped"} 5');
    expect(metrics).toContain('grm_requests_total{endpoint="answer",code="ok"} 1');
    expect(metrics).toContain(`grm_tokens_total{kind="completion"} ${given.usage.completionTokens}`);
  });

  test('is the best there is when its rounds are over, with judgements when asked for', async () => {
    await using ground = await serviceGround({ server });
    await using _workers = await startWorkers(ground, { opinion: byPoints, writes: oneBetter });
    await using _voter = await startVoter(ground);
    const given = await answer(ground, { ...request, rounds: 1, detail: 'judgements' });
    expect(given).toMatchObject({ answer: 'answer 5', accepted: false, score: 5, ended: 'exhausted' });
    expect(given.rounds.map(({ verdict }) => verdict.judgements?.length)).toEqual([2, 2]);
  });

  test("may be one that the caller brings, and is judged as `judge` does", async () => {
    await using ground = await serviceGround({ server, environment: { GRM_VOTE_META_RM: 'Weight' } });
    await using workers = await startWorkers(ground, { opinion: byPoints, writes: oneBetter, logit: (index) => index });
    await using _voter = await startVoter(ground);
    const given = await answer(ground, { ...request, responses: ['mine: 9'], reference: '42', detail: 'judgements' });
    expect(given).toMatchObject({ answer: 'mine: 9', accepted: true, round: 0 });
    expect(workers.metaTasks).toHaveLength(1);
    const [round] = given.rounds;
    const { id: _id, timings: _timings, ...verdict } = await judge(ground, { ...request, responses: round?.candidates ?? [], reference: '42', detail: 'judgements' });
    expect(round?.verdict).toMatchObject(verdict);
  });

  test('is the same however many workers there are and whichever voter is asked', async () => {
    await using ground = await serviceGround({ server });
    const mood = { opinion: ({ seed }: { seed: number }, { input }: SampleTask) => input.responses.map((text) => 1 + ((seed + points(text)) % 6)), writes: ({ seed }: { seed: number }) => ` answer ${seed % 50}` };
    await using _one = await startWorkers(ground, mood);
    const given = [];
    for (let round = 0; round < 2; round++) {
      await using _voter = await startVoter(ground);
      await using _more = round === 1 ? await startWorkers(ground, mood) : undefined;
      const { id: _id, timings: _timings, ...rest } = await answer(ground, { ...request, candidates: 14, rounds: 3, threshold: 9, detail: 'judgements' });
      given.push({ ...rest, rounds: rest.rounds.map(({ verdict: { timings: _judging, ...verdict }, ...more }) => ({ ...more, verdict })) });
    }
    expect(given[0]?.rounds).toHaveLength(4);
    expect(given[1]).toEqual(given[0]);
  });

  test('is given once for an id, in flight and afterwards', async () => {
    await using ground = await serviceGround({ server });
    await using _voter = await startVoter(ground);
    const both = [answer(ground, { ...request, id: 'once' }), answer(ground, { ...request, id: 'once' })];
    await using workers = await startWorkers(ground, { opinion: byPoints, writes: () => 'answer 7' });
    const [first, second] = await Promise.all(both);
    expect(second).toEqual(first);
    expect(await answer(ground, { ...request, id: 'once' })).toEqual(first);
    expect(workers.writeTasks).toHaveLength(1);
    const other = answer(ground, { ...request, id: 'once', rounds: 2 });
    await expect(other).rejects.toMatchObject({ code: 'invalid-request', message: expect.stringMatching(/^AnswerRequest .*id: "once" was used for another request/) });
  });

  test('calls its tasks back when the deadline passes, and says what it waited for', async () => {
    await using ground = await serviceGround({ server });
    await using _voter = await startVoter(ground);
    const cancelled: string[] = [];
    ground.connection.subscribe(ground.names.cancel, { callback: (_, message) => void cancelled.push(parsePayload(Cancellation, message.data, 'Cancellation').requestId) });
    await ground.connection.flush();
    await expect(answer(ground, request, 300)).rejects.toMatchObject({ code: 'deadline-exceeded', message: expect.stringContaining('4 answers of 4') });
    await expect.poll(() => cancelled.length, patience).toBe(1);
    await using workers = await startWorkers(ground);
    await expect.poll(() => workers.writeTasks.map(({ requestId }) => requestId), patience).toEqual(cancelled);
  });

  test.each<[string, ErrorBody]>([
    ['refuses the request', { code: 'invalid-request', message: 'The prompt is 9000 tokens, the judge takes at most 4096 tokens' }],
    ['has no model', { code: 'model-unavailable', message: 'The engine has ended' }],
  ])('passes on when a sampler %s', async (_, error) => {
    await using ground = await serviceGround({ server });
    await using _workers = await startWorkers(ground, { writes: () => error });
    await using _voter = await startVoter(ground);
    await expect(answer(ground, request)).rejects.toMatchObject(error);
  });

  test('is the best so far when the draft has become too long for the model', async () => {
    await using ground = await serviceGround({ server });
    const tooLong: ErrorBody = { code: 'invalid-request', message: 'The prompt is 9000 tokens' };
    await using _workers = await startWorkers(ground, { opinion: byPoints, writes: (sample, task) => (task.revise === undefined ? oneBetter(sample, task) : tooLong) });
    await using _voter = await startVoter(ground);
    expect(await answer(ground, request)).toMatchObject({ answer: 'answer 4', accepted: false, ended: 'stalled', stalledBy: 'The prompt is 9000 tokens' });
  });

  test('is turned away at once while the work queue is full, and waits for room once it has begun', async () => {
    await using ground = await serviceGround({ server, maxPending: 1 });
    await using _voter = await startVoter(ground);
    const first = answer(ground, request);
    await expect.poll(() => ground.pending(), patience).toBe(1);
    await expect(answer(ground, request)).rejects.toMatchObject({ code: 'overloaded' });
    // A second one and a judgement quarrel with it for the one place in the queue.
    await using _workers = await startWorkers(ground, { opinion: byPoints, writes: oneBetter });
    const others = Array.from({ length: 4 }, () => answer(ground, request).catch(({ code }: { code: string }) => code));
    expect(await first).toMatchObject({ answer: 'answer 5' });
    expect((await Promise.all(others)).every((other) => other === 'overloaded' || typeof other === 'object')).toBe(true);
  });

  test('asks again for answers that came while it was cut off in the midst of asking', async () => {
    await using proxy = await startProxy(server.port);
    await using ground = await serviceGround({ server, environment: { GRM_NATS_URL: proxy.url } });
    await using _voter = await startVoter(ground);
    proxy.deafenAfter(ground.names.work.write);
    await using workers = await startWorkers(ground, { opinion: byPoints, writes: () => 'answer 7' });
    const given = answer(ground, request, 30_000);
    await expect.poll(() => workers.writeTasks.length, patience).toBe(1);
    await expect.poll(() => ground.pending(), patience).toBe(0);
    expect(proxy.deaf).toBe(true);
    proxy.cut();
    expect(await given).toMatchObject({ answer: 'answer 7' });
    expect(new Set(workers.writeTasks.map(({ taskId }) => taskId)).size).toBe(1);
  }, 40_000);
});
