import { type Answer, AnswerRequest, errorCodes, type ErrorCode, headerNames, subjects } from '@grm/protocol';
import { startNatsServer, type TestNatsServer } from '@grm/service-kit/testing';
import { connect, headers as createHeaders, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectJudge } from './connect-judge.ts';
import type { JudgeClient } from './judge-client.ts';
import { DeadlineExceededError, InternalServiceError, InvalidRequestError, NoValidSampleError } from './judge-errors.ts';

const question: AnswerRequest = { conversation: [{ role: 'user', content: 'What is 2 + 2?' }], rounds: 0 };

function answerFor(id: string): Answer {
  const counts = { promptTokens: 10, completionTokens: 20 };
  const model = { name: 'nano', revision: 'abc' };
  const timings = { queueMs: 0, samplingMs: 1, metaMs: 0, totalMs: 2 };
  const samples = { asked: 2, drawn: 2, parsed: 2, kept: 2 };
  const verdict = { scores: [18], meanScores: [9], best: 0, ranking: [0], margin: 0, agreement: 1, samples, model, usage: counts, timings };
  return { id, answer: '4', accepted: true, score: 9, round: 0, ended: 'accepted', rounds: [{ candidates: ['4'], written: 1, verdict, dropped: [] }], model, usage: counts, timings: { ...timings, writingMs: 1 } };
}

function fail(message: Msg, code: ErrorCode): void {
  const headers = createHeaders();
  headers.set(headerNames.serviceError, code);
  headers.set(headerNames.serviceErrorCode, String(errorCodes[code].status));
  message.respond(JSON.stringify({ code, message: `it is ${code}` }), { headers });
}

interface Scene extends AsyncDisposable {
  readonly client: JudgeClient;
  readonly requests: AnswerRequest[];
}

describe('asking for an answer', () => {
  let server: TestNatsServer;
  let connection: NatsConnection;
  let counter = 0;
  beforeAll(async () => {
    server = await startNatsServer();
    connection = await connect({ servers: server.url });
  });
  afterAll(async () => {
    await connection.close();
    await server[Symbol.asyncDispose]();
  });

  async function setUp(behave: (message: Msg, request: AnswerRequest, count: number) => void): Promise<Scene> {
    const service = `service-${++counter}`;
    const requests: AnswerRequest[] = [];
    const subscription = connection.subscribe(subjects({ namespace: 'default', service }).answer, {
      callback: (_, message) => {
        const request = AnswerRequest.parse(message.json());
        behave(message, request, requests.push(request));
      },
    });
    await connection.flush();
    const client = await connectJudge({ servers: server.url, service });
    return {
      client,
      requests,
      [Symbol.asyncDispose]: async () => {
        subscription.unsubscribe();
        await client.close();
      },
    };
  }

  it('returns it, under one id, however often the service was busy or a voter fell silent', async () => {
    await using scene = await setUp((message, { id = '' }, count) => {
      if (count === 1) fail(message, 'overloaded');
      else if (count === 3) message.respond(JSON.stringify(answerFor(id)));
    });
    const answer = await scene.client.answer(question, { timeoutMs: 20_000 });
    expect(scene.requests).toHaveLength(3);
    expect(new Set(scene.requests.map(({ id }) => id)).size).toBe(1);
    expect(answer).toEqual(answerFor(scene.requests[0]?.id ?? ''));
    expect(scene.requests[0]).toEqual({ ...question, id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  });

  it('refuses a bad request without sending it, and says which field', async () => {
    await using scene = await setUp((message) => fail(message, 'internal'));
    const refused = scene.client.answer({ ...question, threshold: 11 });
    await expect(refused).rejects.toThrow(InvalidRequestError);
    await expect(refused).rejects.toMatchObject({ issues: [{ path: 'threshold' }], message: expect.stringMatching(/^AnswerRequest is not valid/) });
    expect(scene.requests).toEqual([]);
  });

  it('passes an error on as one of its own class', async () => {
    await using scene = await setUp((message) => fail(message, 'no-valid-sample'));
    await expect(scene.client.answer(question)).rejects.toThrow(NoValidSampleError);
    expect(scene.requests).toHaveLength(1);
  });

  it('gives up at the deadline, and says that no answer came', async () => {
    await using scene = await setUp(() => {});
    const late = scene.client.answer(question, { timeoutMs: 300 });
    await expect(late).rejects.toThrow(DeadlineExceededError);
    await expect(late).rejects.toThrow(/no answer came on grm\.v1\.default\..*\.answer, asked 1 time$/);
  });

  it('says that a service of another version has answered something else', async () => {
    await using scene = await setUp((message) => message.respond('{"answer": 4}'));
    await expect(scene.client.answer(question)).rejects.toThrow(new InternalServiceError('The service answered with something that is no answer; client and service may be of different versions'));
  });
});
