import { waitUntil } from '@grm/controller-runtime/testing';
import { expect, it } from 'vitest';
import { e2eGround, isReady } from './support/ground.ts';
import { moreVerdicts, steadyLoad } from './support/judged-items.ts';

it('is scaled up and down by `kubectl scale` under load, and no request fails', async () => {
  await using ground = await e2eGround('scaled');
  await ground.serve('nano');
  await ground.untilServing('nano');
  await using team = await ground.team('nano');
  await using load = steadyLoad(team, { concurrency: 3 });
  const samplers = async (count: number): Promise<void> => {
    await ground.kubectl(['scale', 'grmsvc/nano', `--replicas=${count}`]);
    await waitUntil(async () => (await ground.pods('nano', 'sampler')).filter(isReady).length === count && (await ground.service('nano')).status?.sampler?.ready === count, { what: `${count} samplers`, withinMs: 120_000 });
  };
  await samplers(3);
  await moreVerdicts(load);
  await samplers(1);
  await moreVerdicts(load);
  await load.stop();
  expect(load.failures).toEqual([]);
  expect(load.verdicts.size).toBeGreaterThan(10);
});
