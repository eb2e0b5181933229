import { ToolFailedError, waitUntil } from '@grm/controller-runtime/testing';
import { expect, it } from 'vitest';
import { e2eGround, type Ground, isReady } from './support/ground.ts';
import { requestFor } from './support/judged-items.ts';
import { release, rolledOut } from './support/release.ts';

const small = { requests: { cpu: '100m', memory: '512Mi' } };

/** `kubectl drain` of the one real node for pods of a selector, while `meanwhile` is looked at; then the node takes pods again. */
async function drained({ cluster }: Ground, selector: string, timeoutSeconds: number, meanwhile: () => Promise<void> = async () => undefined): Promise<ToolFailedError | undefined> {
  const words = ['drain', cluster.node, '--pod-selector', selector, '--delete-emptydir-data', '--ignore-daemonsets', `--timeout=${timeoutSeconds}s`];
  try {
    const failure = await cluster.kubectl(words, { timeoutMs: (timeoutSeconds + 30) * 1000 }).then(
      () => undefined,
      (error: unknown) => (error instanceof ToolFailedError ? error : Promise.reject(error)),
    );
    await meanwhile();
    return failure;
  } finally {
    await cluster.kubectl(['uncordon', cluster.node]);
  }
}

it('comes back after `kubectl drain` of its node, with the NATS server, and judges as before', async () => {
  await using ground = await e2eGround('drained');
  await ground.serve('nano');
  await ground.untilServing('nano');
  await using team = await ground.team('nano');
  const before = await team.judge(requestFor(1));
  const pods = (await ground.pods('nano')).map(({ metadata }) => metadata.uid);
  expect(await drained(ground, 'app.kubernetes.io/component!=operator', 150)).toBeUndefined();
  await rolledOut(ground.cluster, release.namespace, 'statefulset/grm-nats');
  await waitUntil(
    async () => {
      const now = await ground.pods('nano');
      return now.length === pods.length && now.every((pod) => isReady(pod) && !pods.includes(pod.metadata.uid));
    },
    { what: 'other pods, all ready', withinMs: 120_000 },
  );
  await ground.untilServing('nano');
  expect((await team.judge(requestFor(1), { timeoutMs: 60_000 })).scores).toEqual(before.scores);
});

it('keeps one of two samplers on a node that is drained while there is no other place, and goes on judging', async () => {
  await using ground = await e2eGround('last-place');
  await ground.serve('nano', { sampler: { replicas: 2, resources: small } });
  await ground.untilServing('nano');
  await using team = await ground.team('nano');
  const refused = await drained(ground, `app.kubernetes.io/instance=nano,app.kubernetes.io/component=sampler`, 15, async () => {
    expect((await ground.pods('nano', 'sampler')).filter(isReady)).toHaveLength(1);
    await team.judge(requestFor(2), { timeoutMs: 60_000 });
  });
  expect(refused?.stderr).toContain("would violate the pod's disruption budget");
  await ground.untilService('nano', 'both samplers', ({ status }) => status?.sampler?.ready === 2);
});
