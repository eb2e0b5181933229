import { waitUntil } from '@grm/controller-runtime/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { judgeRequest, type ServiceProcess, startJudgeService, tallyReplies } from '../support/index.ts';

const service = await startJudgeService({ voters: 2, samplers: 0 });
afterAll(() => service[Symbol.asyncDispose]());

async function voterWithRequest(): Promise<ServiceProcess> {
  return waitUntil(
    async () => {
      for (const voter of service.voters) if (voter.running && (await voter.metric('grm_requests_in_flight')) > 0) return voter;
      return undefined;
    },
    { what: 'a voter that has the request' },
  );
}

describe('a voter killed in the middle of a request', () => {
  it('the client asks again with the same id, and gets one verdict', async () => {
    using replies = await tallyReplies(service);
    const waiting = service.client.judge(judgeRequest({ id: 'kept-id' }), { timeoutMs: 60_000 });
    const first = await voterWithRequest();
    await first.end('SIGKILL');
    const second = await voterWithRequest();
    expect(second.pid).not.toBe(first.pid);

    await service.start('sampler');
    const verdict = await waiting;
    expect(verdict).toMatchObject({ id: 'kept-id', samples: { asked: 4, drawn: 4, parsed: 4 } });
    await replies.catchUp();
    expect(replies.requests.get('kept-id')).toBe(2);
    expect(replies.verdicts.get('kept-id')).toBe(1);
  });

  it('with no other voter, the request waits for the restarted one', async () => {
    for (const voter of service.voters) if (voter.running) await voter.end('SIGKILL');
    const waiting = service.client.judge(judgeRequest({ id: 'patient' }), { timeoutMs: 60_000 });
    await service.voters[0]?.restart();
    expect(await waiting).toMatchObject({ id: 'patient', samples: { drawn: 4 } });
  });

  it('a repeated id gets the verdict that was given, and no second judgement', async () => {
    const first = await service.client.judge(judgeRequest({ id: 'twice' }));
    expect(await service.client.judge(judgeRequest({ id: 'twice' }))).toEqual(first);
    await expect(service.client.judge(judgeRequest({ id: 'twice', responses: ['other', 'ones'] }))).rejects.toThrow(/an id stands for one request/);
  });
});
