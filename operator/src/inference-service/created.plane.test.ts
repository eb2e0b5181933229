import { expect, it } from 'vitest';
import { isTrue, operatorGround } from '../testing/operator-ground.fixture.ts';

it('makes what a service needs, says so, and asks the API server nothing more', async () => {
  await using ground = await operatorGround();
  await using _nodes = await ground.plane.fakeNodes({ count: 2 });
  await ground.createService('judge', { sampler: { replicas: 2 } });
  const service = await ground.until('judge', (found) => isTrue(found, 'Ready') && isTrue(found, 'Promoted'), 'the service to be ready');
  expect(service.status).toMatchObject({
    observedGeneration: service.metadata.generation,
    endpoints: { judge: `grm.v1.${ground.namespace}.judge.judge` },
    model: { name: 'nano-judge', uri: 'builtin://nano-judge' },
    sampler: { replicas: 2, ready: 2, updated: 2 },
    voter: { replicas: 1, ready: 1 },
    rollout: { phase: 'Stable', history: [{ outcome: 'Promoted' }] },
  });
  const revision = service.status?.rollout?.serving ?? '';
  expect((await ground.deployments('judge')).map(({ metadata }) => metadata.name).toSorted()).toEqual([`grm-judge-sampler-${revision}`, 'grm-judge-voter']);
  expect(await ground.plane.kubectl(['get', 'grmsvc', 'judge', '-n', ground.namespace])).toMatch(/judge\s+True\s+Ready\s+nano-judge\s+r\w{8}\s+2\s+2/);
}, 120_000);
