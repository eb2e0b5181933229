import { waitUntil } from '@grm/controller-runtime/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { judgeRequest, startJudgeService, startRequestPump, workQueueState } from '../support/index.ts';

const service = await startJudgeService({ voters: 2, samplers: 2 });
afterAll(() => service[Symbol.asyncDispose]());

const processes = () => [...service.voters, ...service.samplers];

describe('nats-server stopped and started during requests', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)('by %s: every request still ends in its verdict', async (signal) => {
    const pump = startRequestPump(service.client, { concurrency: 4, request: (index) => judgeRequest({ sampling: { seed: index } }) });
    try {
      await waitUntil(() => pump.verdicts.size >= 20, { what: 'requests under way' });
      await service.nats.stop(signal);
      for (const process of processes()) {
        await waitUntil(async () => !(await process.readiness()).ready, { what: `${process.component} to say that NATS is away` });
      }
      const before = pump.verdicts.size;
      await service.nats.start();
      await waitUntil(() => pump.verdicts.size >= before + 20, { what: 'requests under way again', withinMs: 30_000 });
    } finally {
      await pump.stop();
    }
    expect(pump.failures).toEqual([]);
    for (const process of processes()) await process.ready();
    await waitUntil(async () => (await workQueueState(service)).messages === 0, { what: 'an empty work queue' });
  });

  it('a request whose task lay in the queue meanwhile is drawn afterwards', async () => {
    await using idle = await startJudgeService({ samplers: 0 });
    const waiting = idle.client.judge(judgeRequest(), { timeoutMs: 60_000 });
    await waitUntil(async () => (await workQueueState(idle)).messages === 1, { what: 'a queued task' });
    await idle.nats.stop('SIGKILL');
    await idle.nats.start();
    await idle.start('sampler');
    expect(await waiting).toMatchObject({ samples: { asked: 4, drawn: 4, parsed: 4 } });
  });
});
