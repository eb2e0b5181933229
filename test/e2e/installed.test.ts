import { connect } from '@nats-io/transport-node';
import { expect, inject, it } from 'vitest';
import { e2eGround, isReady, isTrue } from './support/ground.ts';
import { release } from './support/release.ts';

it('is there a minute after `helm install`: operators, NATS and the kinds, in a namespace that lets only restricted pods in', async () => {
  await using ground = await e2eGround('installed');
  const { cluster } = ground;
  expect(inject('installSeconds')).toBeLessThan(180);
  const pods = JSON.parse(await cluster.kubectl(['-n', release.namespace, 'get', 'pods', '-o', 'json'])) as { items: Parameters<typeof isReady>[0][] };
  const components = pods.items.map((pod) => ({ component: pod.metadata.labels['app.kubernetes.io/component'], ready: isReady(pod), node: pod.spec.nodeName }));
  expect(components.toSorted((one, other) => String(one.component).localeCompare(String(other.component)))).toEqual([
    { component: 'nats', ready: true, node: cluster.node },
    { component: 'operator', ready: true, node: cluster.node },
    { component: 'operator', ready: true, node: cluster.node },
  ]);
  for (const kind of ['grmtrainingruns', 'grminferenceservices']) {
    const crd = JSON.parse(await cluster.kubectl(['get', 'crd', `${kind}.grm.dev`, '-o', 'json'])) as { status: Parameters<typeof isTrue>[0] };
    expect(isTrue(crd.status, 'Established')).toBe(true);
  }
  await cluster.helm(['status', release.name, '--namespace', release.namespace]);
});

it('lets a team outside of the cluster in by the user that it was given, and nobody without one', async () => {
  await using ground = await e2eGround('outside');
  await expect(connect({ servers: ground.natsUrl, timeout: 5_000, reconnect: false })).rejects.toThrow(/authorization/i);
  await ground.serve('nano');
  await ground.untilServing('nano');
  await using team = await ground.team('nano');
  const verdict = await team.judge({ conversation: [{ role: 'user', content: 'what is 17 + 25?' }], responses: ['42.', '32.'], sampling: { samples: 8, seed: 1 } });
  expect(verdict.model.name).toBe('nano-judge');
  expect(verdict.scores).toHaveLength(2);
});
