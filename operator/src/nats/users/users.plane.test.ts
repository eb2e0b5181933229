import { expect, it } from 'vitest';
import { decode, type User } from '@nats-io/jwt';
import { isTrue, operatorGround } from '../../testing/operator-ground.fixture.ts';

it('each component of a service finds a NATS user of its own, that may do its work and no more', async () => {
  await using ground = await operatorGround({ issuesUsers: true });
  await using _nodes = await ground.plane.fakeNodes({ count: 1 });
  await ground.createService('judge');
  await ground.until('judge', (found) => isTrue(found, 'Ready'), 'the service to be ready');
  const secret = async (name: string) => JSON.parse(await ground.plane.kubectl(['get', 'secret', name, '-n', ground.namespace, '-o', 'json'])) as { type: string; data: Record<string, string>; metadata: { ownerReferences: { name: string }[] } };
  const sampler = await secret('grm-judge-sampler-nats');
  expect(sampler).toMatchObject({ type: 'grm.dev/nats-user', metadata: { ownerReferences: [{ name: 'judge' }] } });
  const [, jwt = ''] = /-----BEGIN NATS USER JWT-----\s+(\S+)/.exec(Buffer.from(sampler.data['nats.creds'] ?? '', 'base64').toString()) ?? [];
  const allowed = JSON.stringify(decode<User>(jwt).nats.pub?.allow);
  expect(allowed).toContain('$JS.API.CONSUMER.MSG.NEXT.GRM-WORK-');
  expect(allowed).not.toContain('"grm.v1');
  const pod = (await ground.plane.kubectl(['get', 'deploy', '-n', ground.namespace, '-l', 'app.kubernetes.io/component=sampler', '-o', 'json'])).toString();
  expect(pod).toContain('"secretName": "grm-judge-sampler-nats"');
  expect(pod).toContain('"value": "/etc/nats/user/nats.creds"');
  const before = (await secret('grm-judge-voter-nats')).data['nats.creds'];
  await ground.changeService('judge', { limits: { maxPending: 600 } });
  await ground.until('judge', ({ status, metadata }) => status?.observedGeneration === metadata.generation, 'the change to be seen');
  expect((await secret('grm-judge-voter-nats')).data['nats.creds']).toBe(before);
}, 120_000);
