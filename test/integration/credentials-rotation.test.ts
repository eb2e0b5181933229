import { connectJudge, CredentialsError } from '@grm/client';
import { waitUntil } from '@grm/controller-runtime/testing';
import { ensureTopology } from '@grm/service-kit';
import { afterAll, expect, it } from 'vitest';
import { judgeRequest, restrictedNats, ServiceProcess } from '../support/index.ts';

const address = { namespace: 'team-a', service: 'judge' } as const;
const nats = await restrictedNats();
const processes: ServiceProcess[] = [];
afterAll(async () => {
  for (const process of processes) await process[Symbol.asyncDispose]();
  await nats[Symbol.asyncDispose]();
});
await ensureTopology(nats.admin, { ...address, limits: { maxPending: 100 } });

async function start(component: 'voter' | 'sampler', credentials: string): Promise<ServiceProcess> {
  const environment = { GRM_NATS_URL: nats.server.url, GRM_NATS_CREDENTIALS: credentials, GRM_NAMESPACE: address.namespace, GRM_SERVICE: address.service, GRM_ENGINE: 'instant' };
  const process = ServiceProcess.spawn({ component, environment });
  processes.push(process);
  return process;
}

it('a service whose user has expired says which file, is not ready, and goes on as soon as the file holds a new user', async () => {
  const user = { role: 'voter', ...address } as const;
  const file = await nats.credentials(user, { lifetimeSeconds: 8 });
  const voter = await start('voter', file);
  await voter.ready();
  const sampler = await start('sampler', await nats.credentials({ role: 'sampler', ...address, modelBuckets: [] }));
  await sampler.ready();

  const text = await waitUntil(async () => voter.readiness().then(({ ready, text: said }) => !ready && said.includes(file) && said), { what: 'the user to expire', withinMs: 30_000 });
  expect(text).toContain(`refuses the credentials ${file}`);
  await nats.credentials(user, { file });
  await voter.ready();
  expect(voter.running).toBe(true);
  await using judge = await connectJudge({ servers: nats.server.url, ...address, credentials: await nats.credentials({ role: 'client', ...address, name: 'search' }) });
  expect(await judge.judge(judgeRequest())).toBeDefined();
});

it('a process that is refused from the beginning ends, and says which file and what to do', async () => {
  const stranger = await restrictedNats();
  const credentials = await stranger.credentials({ role: 'sampler', ...address, modelBuckets: [] });
  const sampler = await start('sampler', credentials);
  expect(await sampler.exited).toEqual({ code: 1, signal: null });
  const log = sampler.messages.join('\n');
  expect(log).toContain(`refuses the credentials ${credentials}`);
  expect(log).toContain('have the file made again');
  expect(log).not.toMatch(/SU[A-Z2-7]{56}/);
  await expect(connectJudge({ servers: nats.server.url, ...address, credentials })).rejects.toThrow(CredentialsError);
  await stranger[Symbol.asyncDispose]();
});
