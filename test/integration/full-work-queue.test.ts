import { OverloadedError } from '@grm/client';
import { waitUntil } from '@grm/controller-runtime/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, describe, expect, it } from 'vitest';
import { ask, judgeRequest, startJudgeService } from '../support/index.ts';

const maxPending = 3;
const service = await startJudgeService({ samplers: 0, maxPending });
afterAll(() => service[Symbol.asyncDispose]());

describe('a full work queue', () => {
  it('is answered with overloaded at once, and its requests get their verdicts when a sampler comes', async () => {
    const waiting = Array.from({ length: maxPending }, () => service.client.judge(judgeRequest(), { timeoutMs: 60_000 }));
    const manager = await jetstreamManager(service.connection);
    await waitUntil(async () => (await manager.streams.info(service.names.work.stream)).state.messages === maxPending, { what: 'a full work queue' });

    // Within a fifth of the time that a request may take: the answer is no time-out.
    const turnedAway = await ask(service, JSON.stringify(judgeRequest()), { withinMs: 6_000 });
    expect(turnedAway).toMatchObject({ status: 429, error: { code: 'overloaded', message: expect.stringMatching(/full.*again later/) } });
    await expect(service.client.judge(judgeRequest(), { maxAttempts: 1 })).rejects.toThrow(OverloadedError);
    const patient = service.client.judge(judgeRequest(), { timeoutMs: 60_000 });

    await service.start('sampler');
    const verdicts = await Promise.all([...waiting, patient]);
    expect(verdicts.map(({ samples }) => samples.drawn)).toEqual(Array.from({ length: maxPending + 1 }, () => 4));
  });
});
