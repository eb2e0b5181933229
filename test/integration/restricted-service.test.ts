import { connectJudge, NotPermittedError } from '@grm/client';
import { type NatsUser, subjects } from '@grm/protocol';
import { ensureTopology, gateReport } from '@grm/service-kit';
import { afterAll, expect, it } from 'vitest';
import { grmctl, judgeRequest, restrictedNats, type ServiceComponent, ServiceProcess, temporaryFolder } from '../support/index.ts';

const address = { namespace: 'team-a', service: 'judge' } as const;
const nats = await restrictedNats();
const folder = await temporaryFolder();
const processes: ServiceProcess[] = [];
afterAll(async () => {
  for (const process of processes) await process[Symbol.asyncDispose]();
  await nats[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const userOf = (component: ServiceComponent): NatsUser => (component === 'voter' ? { role: 'voter', ...address } : { role: component, ...address, modelBuckets: [] });

async function start(component: ServiceComponent, further: Record<string, string> = {}): Promise<ServiceProcess> {
  const environment = {
    GRM_NATS_URL: nats.server.url,
    GRM_NATS_CREDENTIALS: await nats.credentials(userOf(component)),
    GRM_NAMESPACE: address.namespace,
    GRM_SERVICE: address.service,
    ...(component === 'voter' ? { GRM_VOTE_META_RM: 'Weight' } : { GRM_ENGINE: 'instant' }),
    ...further,
  };
  const process = ServiceProcess.spawn({ component, environment });
  processes.push(process);
  await process.ready();
  return process;
}

await ensureTopology(nats.admin, { ...address, limits: { maxPending: 100 } });
const service = await Promise.all((['voter', 'sampler', 'meta-rm'] as const).map((component) => start(component)));

it('a service judges and answers with users that may do what they do and no more, for a team that may ask it and no more', async () => {
  const credentials = await nats.credentials({ role: 'client', ...address, name: 'search' });
  await using judge = await connectJudge({ servers: nats.server.url, ...address, credentials });
  const verdict = await judge.judge(judgeRequest({ sampling: { samples: 8, seed: 1 } }));
  expect(verdict.samples).toMatchObject({ asked: 8, parsed: 8 });
  await judge.answer({ conversation: [{ role: 'user', content: 'What is 17 + 25?' }] });
  for (const process of service) expect(process.messages.filter((message) => message.includes('NATS reported an error'))).toEqual([]);
  expect(await service[2]?.metric('grm_meta_judgements_total')).toBeGreaterThan(0);
});

it('the service is found and measured as a NATS micro service', async () => {
  const { microService } = subjects(address);
  const reply = await nats.admin.request(`$SRV.STATS.${microService}`, '', { timeout: 5_000 });
  expect(reply.json()).toMatchObject({ name: microService });
});

it('a revision that is measured before it serves has the same users, and a gate that may ask it and write what it found', async () => {
  const revision = 'r1';
  await ensureTopology(nats.admin, { ...address, revision, limits: { maxPending: 100 } });
  const candidate = await Promise.all([start('voter', { GRM_REVISION: revision, GRM_CANDIDATE: 'true' }), start('sampler', { GRM_REVISION: revision }), start('meta-rm', { GRM_REVISION: revision })]);

  const credentials = await nats.credentials({ role: 'gate', ...address });
  const { code, output, errors } = await grmctl(folder.path, 'gate', '--server', nats.server.url, '--creds', credentials, '--namespace', address.namespace, '--service', address.service, '--revision', revision, '--items', '8', '--deadline', '60', '--json');
  expect({ code, errors: errors.match(/error.*/g) }).toEqual({ code: 0, errors: null });
  expect(JSON.parse(output)).toMatchObject({ revision, items: 8 });
  expect(await gateReport(nats.admin, { ...address, revision })).toMatchObject({ suite: 'nanobench', items: 8 });
  for (const process of candidate) expect(process.messages.filter((message) => message.includes('NATS reported an error'))).toEqual([]);
});

it('a team is told at once that it may not ask another service, and grmctl says the same', async () => {
  const credentials = await nats.credentials({ role: 'client', ...address, name: 'search' });
  await using judge = await connectJudge({ servers: nats.server.url, namespace: address.namespace, service: 'other', credentials });
  const failure = judge.judge(judgeRequest(), { timeoutMs: 60_000 });
  await expect(failure).rejects.toThrow(NotPermittedError);
  await expect(failure).rejects.toThrow('The NATS user may not use grm.v1.team-a.other.judge');
  const words = ['judge', '-q', 'What is 17 + 25?', '-r', '42', '-r', '32', '--server', nats.server.url, '-n', address.namespace, '--creds', credentials];
  const refused = await grmctl(folder.path, ...words, '--service', 'other');
  expect(refused.errors).toContain('The NATS user may not use grm.v1.team-a.other.judge');
  expect(refused.code).not.toBe(0);
  expect(await grmctl(folder.path, ...words, '--service', address.service)).toMatchObject({ code: 0 });
});

it('a team of a namespace may ask each of its services, and none of another namespace', async () => {
  const credentials = await nats.credentials({ role: 'client', namespace: address.namespace, name: 'search' });
  await using judge = await connectJudge({ servers: nats.server.url, ...address, credentials });
  expect(await judge.judge(judgeRequest())).toBeDefined();
  await using other = await connectJudge({ servers: nats.server.url, namespace: 'team-b', service: 'judge', credentials });
  await expect(other.judge(judgeRequest(), { timeoutMs: 60_000 })).rejects.toThrow(NotPermittedError);
});
