import { waitUntil } from '@grm/controller-runtime/testing';
import { ensureTopology } from '@grm/service-kit';
import { startNatsServer } from '@grm/service-kit/testing';
import { connectJudge } from '@grm/client';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { describe, expect, it } from 'vitest';
import { judgeRequest, ServiceProcess, startJudgeService } from '../support/index.ts';

describe('streams that are not there', () => {
  it('a process that starts before its nats-server and its streams says what it waits for, and works when they come', async () => {
    await using nats = await startNatsServer();
    await nats.stop();
    const environment = { GRM_NATS_URL: nats.url, GRM_SERVICE: 'early', GRM_ENGINE: 'instant' };
    await using sampler = ServiceProcess.spawn({ component: 'sampler', environment });
    await using voter = ServiceProcess.spawn({ component: 'voter', environment });
    await nats.start();
    const waiting = await waitUntil(
      async () => {
        const { ready, text } = await sampler.readiness();
        return !ready && text.includes('GRM-WORK-default-early') ? text : undefined;
      },
      { what: 'a sampler that names the missing stream' },
    );
    expect(waiting).toContain('cannot pull from sampler of GRM-WORK-default-early');

    const connection = await connect({ servers: nats.url });
    await ensureTopology(connection, { namespace: 'default', service: 'early', limits: { maxPending: 100 } });
    await connection.close();
    await Promise.all([sampler.ready(), voter.ready()]);
    await using client = await connectJudge({ servers: nats.url, service: 'early' });
    expect(await client.judge(judgeRequest())).toMatchObject({ samples: { drawn: 4 } });
  });

  it('a work queue deleted and made again under a running service: requests end in verdicts again', async () => {
    await using service = await startJudgeService();
    expect(await service.client.judge(judgeRequest())).toMatchObject({ samples: { drawn: 4 } });
    const manager = await jetstreamManager(service.connection);
    await manager.streams.delete(service.names.work.stream);
    const refused = service.client.judge(judgeRequest(), { timeoutMs: 2_500, maxAttempts: 1 });
    await expect(refused).rejects.toMatchObject({ code: expect.stringMatching(/model-unavailable|deadline-exceeded/) });
    const waiting = service.client.judge(judgeRequest(), { timeoutMs: 60_000 });
    await ensureTopology(service.connection, { ...service.address, limits: { maxPending: 100 } });
    expect(await waiting).toMatchObject({ samples: { drawn: 4 } });
  });
});
