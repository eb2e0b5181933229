import { waitUntil } from '@grm/controller-runtime/testing';
import { expect, it } from 'vitest';
import { e2eGround } from './support/ground.ts';

it('spreads over the A100 that are there, and says which it waits for', async () => {
  await using ground = await e2eGround('scarce');
  const { cluster } = ground;
  const product = 'NVIDIA-A100-SXM4-40GB';
  await using _nodes = await cluster.fakeNodes({ count: 2, gpus: 2, gpuProduct: product });
  await ground.serve('judge', { metaRM: undefined, vote: { metaRM: 'None' }, sampler: { replicas: 5, nodePool: { gpuProduct: product, gpus: 1 } } });
  await waitUntil(async () => (await ground.pods('judge', 'sampler')).filter(({ spec }) => spec.nodeName !== undefined).length === 4, { what: 'four of five samplers on GPUs', withinMs: 60_000 });
  const short = await ground.untilService('judge', 'the fifth is waited for', ({ status }) => status?.conditions?.some(({ type, reason }) => type === 'SamplerReady' && reason === 'InsufficientGPU') === true);
  expect(short.status?.conditions?.find(({ type }) => type === 'SamplerReady')?.message).toMatch(/nvidia\.com\/gpu/);
});
