import { expect, it } from 'vitest';
import { e2eGround } from './support/ground.ts';
import { requestFor } from './support/judged-items.ts';

it('comes from zero for a burst, grows with it, and goes back to zero', async () => {
  await using ground = await e2eGround('autoscaled');
  const autoscaling = { minReplicas: 0, maxReplicas: 3, targetBacklogSeconds: 1, scaleUpStabilizationSeconds: 0, scaleDownStabilizationSeconds: 5, idleSeconds: 5 };
  await ground.serve('nano', { sampler: { resources: { requests: { cpu: '100m', memory: '512Mi' } }, autoscaling }, limits: { maxResponses: 4, maxPending: 10_000 } });
  await ground.untilService('nano', 'scaled to zero', ({ status }) => status?.sampler?.replicas === 0 && status.rollout?.phase === 'Stable');
  expect(await ground.pods('nano', 'sampler')).toEqual([]);

  await using team = await ground.team('nano');
  const burst = Array.from({ length: 60 }, (_, index) => team.judge(requestFor(index, 16), { timeoutMs: 240_000 }));
  const verdicts = Promise.allSettled(burst);
  const grown = await ground.untilService('nano', 'more than one sampler for the burst', ({ status }) => (status?.sampler?.ready ?? 0) > 1);
  expect(grown.status?.scaling?.history?.map(({ to }) => to)).toEqual(expect.arrayContaining([1]));
  expect((await verdicts).filter(({ status }) => status === 'rejected')).toEqual([]);
  await ground.untilService('nano', 'scaled to zero again', ({ status }) => status?.sampler?.replicas === 0);
  await expect.poll(() => ground.pods('nano', 'sampler'), { timeout: 60_000 }).toEqual([]);
});
