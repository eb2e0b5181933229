import { connectJudge, type JudgeClient } from '@grm/client';
import { waitUntil } from '@grm/controller-runtime/testing';
import { subjects } from '@grm/protocol';
import { connectNats, ensureObjectStore, ensureRolloutTopology, ensureTopology, workBacklog } from '@grm/service-kit';
import { jetstreamManager, type StreamInfo } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgeRequest, type NatsCluster, type RequestPump, ServiceProcess, startNatsCluster, startRequestPump } from '../support/index.ts';

const address = { namespace: 'team-a', service: 'judge' } as const;
const names = subjects(address);
const limits = { maxPending: 1_000 };
const replicas = 3;

let cluster: NatsCluster;
const stack = new AsyncDisposableStack();
beforeAll(async () => {
  cluster = stack.use(await startNatsCluster());
  await ensureTopology(cluster.admin, { ...address, limits, replicas });
});
afterAll(() => stack.disposeAsync());

const streams = async (): Promise<StreamInfo[]> => {
  const found: StreamInfo[] = [];
  for await (const stream of (await jetstreamManager(cluster.admin)).streams.list()) found.push(stream);
  return found;
};
const workStream = async (): Promise<StreamInfo> => (await jetstreamManager(cluster.admin)).streams.info(names.work.stream);

/** Every copy of the queue is there and has all of it. */
const whole = () =>
  waitUntil(
    async () => {
      const { cluster: copies } = await workStream().catch(() => ({ cluster: undefined }));
      return copies?.leader !== undefined && copies.replicas?.length === replicas - 1 && copies.replicas.every(({ current, offline }) => current && offline !== true);
    },
    { what: 'three copies of the queue that agree', withinMs: 60_000 },
  );

async function start(component: 'voter' | 'sampler'): Promise<ServiceProcess> {
  const user = component === 'voter' ? ({ role: 'voter', ...address } as const) : ({ role: 'sampler', ...address, modelBuckets: [] } as const);
  const environment = { ...cluster.environment(await cluster.credentials(user)), GRM_NAMESPACE: address.namespace, GRM_SERVICE: address.service, GRM_ENGINE: 'instant' };
  const process = stack.use(ServiceProcess.spawn({ component, environment }));
  await process.ready();
  return process;
}

async function client(): Promise<JudgeClient> {
  const credentials = await cluster.credentials({ role: 'client', ...address, name: 'team' });
  return stack.use(await connectJudge({ servers: cluster.urls, ...address, credentials, ...cluster.files }));
}

/** Ends the server that leads the queue, as a power cut would. @returns what it is called */
async function killLeader(): Promise<string> {
  const leader = (await workStream()).cluster?.leader ?? '';
  const server = cluster.servers.get(leader);
  if (server === undefined) throw new Error(`the queue is led by ${leader}, which is none of the servers`);
  await server.stop('SIGKILL');
  return leader;
}

describe('three NATS servers in operator mode, over TLS with client certificates', () => {
  it('let nobody in who has no certificate of theirs, whatever the credentials', async () => {
    const credentials = await cluster.credentials({ role: 'client', ...address, name: 'team' });
    const { certificateAuthority } = cluster.files;
    await expect(connectNats({ servers: cluster.urls, name: 'test', credentials, certificateAuthority, timeoutMs: 1 })).rejects.toThrow(/No NATS server answered .*GRM_NATS_CERTIFICATE/u);
    await expect(connectJudge({ servers: cluster.urls, ...address, credentials, certificateAuthority })).rejects.toThrow(/clientCertificate/u);
  });

  it('keep three copies of every stream and bucket, those that there was one copy of before too', async () => {
    const run = { namespace: 'team-a', run: 'nano' };
    await ensureRolloutTopology(cluster.admin, run);
    await ensureObjectStore(cluster.admin, 'models', 'Models');
    expect((await streams()).filter(({ config }) => config.num_replicas === 1)).toHaveLength(4);
    await ensureRolloutTopology(cluster.admin, run, replicas);
    await ensureObjectStore(cluster.admin, 'models', 'Models', replicas);
    await ensureTopology(cluster.admin, { ...address, revision: 'r0', limits, replicas });
    const copies = new Map((await streams()).map(({ config }) => [config.name, config.num_replicas]));
    expect([...copies.keys()]).toEqual(expect.arrayContaining([names.work.stream, names.dead.stream, 'KV_grm-runs', 'KV_grm-gates', 'OBJ_models']));
    expect(new Set(copies.values())).toEqual(new Set([replicas]));
  });

  it('say so when they are asked for more copies than they are', async () => {
    await expect(ensureTopology(cluster.admin, { namespace: 'team-a', service: 'wider', limits, replicas: 5 })).rejects.toThrow(/does not keep 5 copies of the stream .*nats\.replicas/u);
  });

  it('lose no request when the leader of the queue is killed under load, one after the other', async () => {
    const processes = await Promise.all([start('voter'), start('voter'), start('sampler'), start('sampler')]);
    const pump = startRequestPump(await client(), { concurrency: 4, request: (index) => judgeRequest({ sampling: { seed: index } }) });
    const killed: string[] = [];
    try {
      for (let round = 0; round < 2; round++) {
        await whole();
        await moreVerdicts(pump, 20);
        const leader = await killLeader();
        killed.push(leader);
        await moreVerdicts(pump, 50);
        await cluster.servers.get(leader)?.start();
      }
    } finally {
      await pump.stop();
    }
    expect(pump.failures).toEqual([]);
    expect(killed).toHaveLength(2);
    // A new leader is found, and clients are at other servers, well within the time that a request has.
    expect(longestPause(pump)).toBeLessThan(20_000);
    for (const process of processes) await process.ready();
    await waitUntil(async () => (await workBacklog(cluster.admin, address)).sampler === 0, { what: 'an empty work queue' });
    for (const process of processes) await process.end('SIGTERM');
  });

  it('keep a task that waits while the leader dies, and hand it out afterwards', async () => {
    await whole();
    await start('voter');
    const waiting = (await client()).judge(judgeRequest(), { timeoutMs: 90_000 });
    await waitUntil(async () => (await workBacklog(cluster.admin, address)).sampler === 1, { what: 'a queued task' });
    const leader = await killLeader();
    await start('sampler');
    expect(await waiting).toMatchObject({ samples: { asked: 4, drawn: 4, parsed: 4 } });
    await cluster.servers.get(leader)?.start();
  });
});

function longestPause({ answeredAt }: RequestPump): number {
  return Math.max(...answeredAt.slice(1).map((at, index) => at - (answeredAt[index] ?? at)));
}

async function moreVerdicts(pump: RequestPump, count: number): Promise<void> {
  const before = pump.verdicts.size;
  await waitUntil(() => pump.verdicts.size >= before + count || pump.failures.length > 0, { what: `${count} more verdicts`, withinMs: 60_000 });
}
