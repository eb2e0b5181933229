import { Cancellation, type ErrorBody, type JudgeRequest, parsePayload } from '@grm/protocol';
import { NatsServiceStrategy, type RunningService, startService } from '@grm/service-kit';
import { type ServiceGround, serviceGround, startNatsServer, type TestNatsServer } from '@grm/service-kit/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startProxy } from './proxy.fixture.ts';
import { judge, startWorkers } from './voter.fixture.ts';
import { VoterModule } from './voter.module.ts';

const request: JudgeRequest = { conversation: [{ role: 'user', content: 'What is 2 + 2?' }], responses: ['4', '5'] };
const patience = { timeout: 10_000, interval: 10 };

let server: TestNatsServer;
beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server[Symbol.asyncDispose]());

function startVoter({ configuration }: ServiceGround): Promise<RunningService> {
  return startService({ application: 'voter', module: VoterModule, strategies: [NatsServiceStrategy], configuration });
}

async function metricsOf(voter: RunningService): Promise<string> {
  return (await fetch(`${voter.url}/metrics`)).text();
}

describe('the voter on a real server', () => {
  test('gives a verdict in the order of the caller, with judgements when asked for', async () => {
    await using ground = await serviceGround({ server });
    await using workers = await startWorkers(ground, { opinion: () => [9, 2] });
    await using voter = await startVoter(ground);

    const verdict = await judge(ground, { ...request, id: 'a-1', detail: 'judgements', sampling: { seed: 3 } });
    expect(verdict).toMatchObject({ id: 'a-1', scores: [45, 10], meanScores: [9, 2], best: 0, ranking: [0, 1], margin: 7, agreement: 1, samples: { asked: 8, drawn: 5, parsed: 5, kept: 5 }, stoppedEarly: true });
    expect(verdict.judgements).toHaveLength(5);
    expect(workers.sampleTasks.map(({ samples }) => samples.length)).toEqual([5]);
    expect(await ground.pending()).toBe(0);

    const metrics = await metricsOf(voter);
    expect(metrics).toContain('grm_samples_total{stage="drawn"} 5');
    expect(metrics).toContain('grm_verdicts_total{stopped="settled"} 1');
    expect(metrics).toContain('grm_requests_total{endpoint="judge",code="ok"} 1');
  });

  test('asks the meta RM and votes by its scores', async () => {
    await using ground = await serviceGround({ server, environment: { GRM_VOTE_META_RM: 'Filter', GRM_STOPPING: 'Never' } });
    await using workers = await startWorkers(ground, { opinion: ({ index }) => (index < 4 ? [9, 2] : [1, 10]), logit: (index) => (index < 4 ? -1 : 1) });
    await using _ = await startVoter(ground);

    expect(await judge(ground, request)).toMatchObject({ best: 1, scores: [4, 40], samples: { asked: 8, drawn: 8, parsed: 8, kept: 4 } });
    expect(await judge(ground, { ...request, vote: { metaRM: 'Weight' } })).toMatchObject({ best: 1, samples: { kept: 8 } });
    expect(workers.metaTasks).toHaveLength(2);
    expect(await judge(ground, { ...request, vote: { metaRM: 'None' } })).toMatchObject({ scores: [40, 48], samples: { kept: 8 } });
    expect(workers.metaTasks).toHaveLength(2);
  });

  test('drops judgements that cannot be read, and says so when none can', async () => {
    await using ground = await serviceGround({ server, environment: { GRM_STOPPING: 'Never' } });
    await using _workers = await startWorkers(ground, { opinion: ({ index }) => (index % 2 ? [7, 6] : 'I cannot decide') });
    await using voter = await startVoter(ground);

    expect(await judge(ground, request)).toMatchObject({ scores: [28, 24], samples: { asked: 8, drawn: 8, parsed: 4, kept: 4 } });
    await expect(judge(ground, { ...request, sampling: { samples: 1 } })).rejects.toMatchObject({ code: 'no-valid-sample', message: expect.stringContaining('no-box 1') });
    expect(await metricsOf(voter)).toContain('grm_samples_invalid_total{reason="no-box"} 5');
  });

  test('gives the same verdict however many workers there are and whichever voter is asked', async () => {
    await using ground = await serviceGround({ server });
    const opinion = ({ seed }: { seed: number }) => [1 + (seed % 10), 1 + (Math.floor(seed / 10) % 10)];
    await using _one = await startWorkers(ground, { opinion });
    const verdicts = [];
    for (let round = 0; round < 2; round++) {
      await using _voter = await startVoter(ground);
      await using _more = round === 1 ? await startWorkers(ground, { opinion }) : undefined;
      const { id: _id, timings: _timings, ...verdict } = await judge(ground, { ...request, sampling: { samples: 32 }, detail: 'judgements' });
      verdicts.push(verdict);
    }
    expect(verdicts[1]).toEqual(verdicts[0]);
  });

  test('answers an id once, in flight and afterwards', async () => {
    await using ground = await serviceGround({ server });
    await using _voter = await startVoter(ground);
    const both = [judge(ground, { ...request, id: 'once' }), judge(ground, { ...request, id: 'once' })];
    await using workers = await startWorkers(ground);
    const [first, second] = await Promise.all(both);
    expect(second).toEqual(first);
    expect(await judge(ground, { ...request, id: 'once' })).toEqual(first);
    expect(workers.sampleTasks).toHaveLength(1);
    await expect(judge(ground, { ...request, id: 'once', responses: ['5', '4'] })).rejects.toMatchObject({ code: 'invalid-request' });
  });

  test('turns a request away at once while the work queue is full', async () => {
    await using ground = await serviceGround({ server, maxPending: 2 });
    await using _voter = await startVoter(ground);
    const waiting = [judge(ground, request), judge(ground, request)];
    await expect.poll(() => ground.pending(), patience).toBe(2);
    const startedAt = Date.now();
    await expect(judge(ground, request)).rejects.toMatchObject({ code: 'overloaded' });
    expect(Date.now() - startedAt).toBeLessThan(2_000);
    await using _workers = await startWorkers(ground);
    expect(await Promise.all(waiting)).toMatchObject([{ best: 0 }, { best: 0 }]);
  });

  test('waits for room with a request that it has begun', async () => {
    await using ground = await serviceGround({ server, maxPending: 1 });
    await using _voter = await startVoter(ground);
    await using _workers = await startWorkers(ground, { opinion: ({ index }) => (index % 2 ? [7, 6] : [6, 7]) });
    const verdicts = await Promise.allSettled(Array.from({ length: 4 }, () => judge(ground, request)));
    const failures = verdicts.flatMap((verdict) => (verdict.status === 'rejected' ? [verdict.reason] : []));
    expect(failures.every(({ code }) => code === 'overloaded')).toBe(true);
    expect(verdicts.length - failures.length).toBeGreaterThan(0);
  });

  test('calls its tasks back when the deadline passes', async () => {
    await using ground = await serviceGround({ server });
    await using _voter = await startVoter(ground);
    const cancelled: string[] = [];
    ground.connection.subscribe(ground.names.cancel, { callback: (_, message) => void cancelled.push(parsePayload(Cancellation, message.data, 'Cancellation').requestId) });
    await ground.connection.flush();
    await expect(judge(ground, request, 300)).rejects.toMatchObject({ code: 'deadline-exceeded', message: expect.stringContaining('5 samples of 8') });
    await expect.poll(() => cancelled.length, patience).toBe(1);
    expect(await ground.pending()).toBe(1);
    await using workers = await startWorkers(ground);
    await expect.poll(() => workers.sampleTasks.length, patience).toBe(1);
    expect(workers.sampleTasks[0]?.requestId).toBe(cancelled[0]);
  });

  test.each<[string, ErrorBody]>([
    ['refuses the request', { code: 'invalid-request', message: 'The prompt has 9000 tokens, the model reads 4096' }],
    ['has no model', { code: 'model-unavailable', message: 'The engine has ended' }],
  ])('passes on when a sampler %s', async (_, error) => {
    await using ground = await serviceGround({ server });
    await using _workers = await startWorkers(ground, { opinion: () => error });
    await using _voter = await startVoter(ground);
    await expect(judge(ground, request)).rejects.toMatchObject(error);
  });

  test('says that the model is unavailable while the work queue is missing', async () => {
    await using ground = await serviceGround({ server });
    await using _voter = await startVoter(ground);
    await (await jetstreamManager(ground.connection)).streams.delete(ground.names.work.stream);
    await expect(judge(ground, request, 20_000)).rejects.toMatchObject({ code: 'model-unavailable', message: expect.stringContaining('work queue') });
  });

  test('gives a verdict though the server was away while it was worked on', async () => {
    await using own = await startNatsServer();
    await using ground = await serviceGround({ server: own });
    await using voter = await startVoter(ground);
    const verdict = judge(ground, request, 30_000);
    await expect.poll(() => ground.pending(), patience).toBe(1);
    await own.stop('SIGKILL');
    await expect.poll(async () => (await fetch(`${voter.url}/readyz`)).status, patience).toBe(503);
    await own.start();
    await expect.poll(async () => (await fetch(`${voter.url}/readyz`)).status, patience).toBe(200);
    await ground.connection.flush();
    await using _workers = await startWorkers(ground);
    expect(await verdict).toMatchObject({ best: 0 });
  });

  test('asks again for answers that were lost with the connection', async () => {
    await using own = await startNatsServer();
    await using ground = await serviceGround({ server: own });
    await using voter = await startVoter(ground);
    await using workers = await startWorkers(ground, { losing: 1 });
    const verdict = judge(ground, request, 30_000);
    await expect.poll(() => workers.sampleTasks.length, patience).toBe(1);
    await expect.poll(() => ground.pending(), patience).toBe(0);
    await own.stop('SIGTERM');
    await expect.poll(async () => (await fetch(`${voter.url}/readyz`)).status, patience).toBe(503);
    await own.start();
    expect(await verdict).toMatchObject({ best: 0 });
    expect(new Set(workers.sampleTasks.map(({ taskId }) => taskId)).size).toBe(1);
  });

  test.each([
    ['samples', 'sample', {}],
    ['meta scores', 'meta', { GRM_VOTE_META_RM: 'Weight' }],
  ] as const)('asks again for %s that came while it was cut off in the midst of asking', async (_, task, environment) => {
    await using proxy = await startProxy(server.port);
    await using ground = await serviceGround({ server, environment: { GRM_NATS_URL: proxy.url, ...environment } });
    await using voter = await startVoter(ground);
    proxy.deafenAfter(ground.names.work[task]);
    await using workers = await startWorkers(ground);
    const verdict = judge(ground, request, 30_000);
    const tasks = () => (task === 'meta' ? workers.metaTasks : workers.sampleTasks);
    await expect.poll(() => tasks().length, patience).toBe(1);
    await expect.poll(() => ground.pending(), patience).toBe(0);
    expect(proxy.deaf).toBe(true);
    proxy.cut();
    expect(await verdict).toMatchObject({ best: 0, samples: { drawn: 5 } });
    expect(new Set(tasks().map(({ taskId }) => taskId)).size).toBe(1);
    expect((await fetch(`${voter.url}/readyz`)).status).toBe(200);
  }, 40_000);

  test('says so when a request fits into a message and its task does not', async () => {
    await using own = await startNatsServer({ configuration: 'max_payload: 2KB' });
    await using ground = await serviceGround({ server: own });
    await using _voter = await startVoter(ground);
    const padding = 'x'.repeat(2_048 - JSON.stringify({ ...request, reference: '' }).length);
    await expect(judge(ground, { ...request, reference: padding.slice(0, -200) })).rejects.toMatchObject({ code: 'invalid-request', message: expect.stringContaining('max_payload') });
  });

  test('is found by its name and description, as a NATS micro service', async () => {
    await using ground = await serviceGround({ server });
    await using _voter = await startVoter(ground);
    const reply = await ground.connection.request(`$SRV.INFO.${ground.names.microService}`, '', { timeout: 2_000 });
    expect(reply.json()).toMatchObject({
      name: ground.names.microService,
      endpoints: [
        { subject: ground.names.judge, queue_group: 'voter' },
        { subject: ground.names.answer, queue_group: 'voter' },
      ],
    });
  });
});
