import { waitUntil } from '@grm/controller-runtime/testing';
import { expect, it } from 'vitest';
import { e2eGround, isReady } from './support/ground.ts';
import { requestFor } from './support/judged-items.ts';
import { release, rolledOut } from './support/release.ts';

it('comes back after `kubectl drain` of its node, with NATS and the operator', async () => {
  await using ground = await e2eGround('drained');
  const { cluster } = ground;
  await ground.serve('nano', { sampler: { replicas: 2, resources: { requests: { cpu: '100m', memory: '512Mi' } } } });
  await ground.untilServing('nano');
  await using team = await ground.team('nano');
  const before = await team.judge(requestFor(1));
  const pods = (await ground.pods('nano')).map(({ metadata }) => metadata.uid);
  try {
    await cluster.kubectl(['drain', cluster.node, '--delete-emptydir-data', '--ignore-daemonsets', '--timeout=150s'], { timeoutMs: 160_000 });
  } finally {
    await cluster.kubectl(['uncordon', cluster.node]);
  }
  for (const workload of ['statefulset/grm-nats', 'deployment/grm-operator']) await rolledOut(cluster, release.namespace, workload);
  await waitUntil(async () => {
    const now = await ground.pods('nano');
    return now.length === pods.length && now.every((pod) => isReady(pod) && !pods.includes(pod.metadata.uid));
  }, { what: 'other pods, all ready', withinMs: 120_000 });
  await ground.untilServing('nano');
  const after = await team.judge(requestFor(1), { timeoutMs: 60_000 });
  expect(after.scores).toEqual(before.scores);
});
