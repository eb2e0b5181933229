import { expect, it } from 'vitest';
import { operatorGround } from '../testing/operator-ground.fixture.ts';

it('says on the service that NATS has too few servers for the copies that are asked for, and what to do', async () => {
  await using ground = await operatorGround({ environment: { GRM_NATS_REPLICAS: '3' } });
  await ground.createService('judge');
  const told = await ground.until('judge', ({ status }) => status?.conditions?.some(({ type, reason }) => type === 'QueueReady' && reason === 'NatsRefused') ?? false, 'the refusal to be told');
  expect(told.status?.conditions?.find(({ type }) => type === 'QueueReady')).toMatchObject({ status: 'False', message: expect.stringMatching(/does not keep 3 copies of the stream GRM-WORK-.*nats\.replicas of the chart/u) });
}, 120_000);
