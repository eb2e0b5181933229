import { expect, it } from 'vitest';
import { e2eGround } from './support/ground.ts';
import { moreVerdicts, steadyLoad } from './support/judged-items.ts';

it('takes another model under load: every request is answered once, by the old revision or the new', async () => {
  await using ground = await e2eGround('rolled-out');
  await ground.serve('nano');
  const before = (await ground.untilServing('nano')).status?.rollout?.serving ?? '';
  await using team = await ground.team('nano');
  await using load = steadyLoad(team);
  await moreVerdicts(load);
  await ground.change('grmsvc', 'nano', { model: { builtin: 'nano-base' } });
  const changed = await ground.untilService('nano', 'the new revision alone', ({ status }) => status?.rollout?.phase === 'Stable' && status.rollout.serving !== before, 180_000);
  await moreVerdicts(load);
  await load.stop();
  expect(load.failures).toEqual([]);
  const models = [...load.verdicts.values()].map(({ model }) => model.name);
  expect(new Set(models)).toEqual(new Set(['nano-judge', 'nano-base']));
  // A verdict of the old revision may come after the first of the new one, since it was asked for before; none is asked of it once the voters have turned over.
  expect(models.at(-1)).toBe('nano-base');
  expect((await ground.pods('nano', 'sampler')).map(({ metadata }) => metadata.labels['grm.dev/revision'])).toEqual([changed.status?.rollout?.serving]);
});

it('keeps a judge that fails its gate from serving', async () => {
  await using ground = await e2eGround('gated');
  await ground.serve('nano', { rollout: { gate: { suite: 'nanobench', items: 40, minAccuracy: 0.8, deadlineSeconds: 200 } } });
  const before = (await ground.untilServing('nano', 240_000)).status?.rollout?.serving ?? '';
  // As good as a coin: a model that was never trained to judge this way.
  await ground.change('grmsvc', 'nano', { model: { builtin: 'nano-base' }, sampling: { samples: 1 }, rollout: { gate: { minAccuracy: 0.99 } } });
  const refused = await ground.untilService('nano', 'the candidate given up', ({ status }) => status?.rollout?.failed?.reason === 'GateFailed', 240_000);
  expect(refused.status?.rollout?.serving).toBe(before);
  expect(refused.status?.rollout?.failed?.message).toMatch(/accuracy/i);
  await using team = await ground.team('nano');
  const verdict = await team.judge({ conversation: [{ role: 'user', content: 'what is the opposite of hot?' }], responses: ['cold.', 'blue.'] });
  expect(verdict.model.name).toBe('nano-judge');
});
