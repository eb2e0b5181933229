import { expect, it } from 'vitest';
import { e2eGround, type Ground, isReady } from './support/ground.ts';
import { release } from './support/release.ts';
import { waitUntil } from '@grm/controller-runtime/testing';

/** Whether a pod gets a TCP connection within two seconds. */
async function reaches(ground: Ground, pod: string, host: string, port: number): Promise<boolean> {
  const program = `const s = require('node:net').connect(${port}, '${host}'); s.setTimeout(2000, () => s.destroy(new Error('timeout'))); s.on('connect', () => { console.log('yes'); s.destroy(); }); s.on('error', () => console.log('no'));`;
  return (await ground.kubectl(['exec', pod, '--', 'node', '-e', program])).trim() === 'yes';
}

async function addressOf({ cluster }: Ground, selector: string): Promise<string> {
  return cluster.kubectl(['-n', release.namespace, 'get', 'pods', '-l', selector, '-o', 'jsonpath={.items[0].status.podIP}']);
}

it('lets pods of a service reach NATS and nobody else, and others reach nothing of NATS but its port for clients', async () => {
  await using ground = await e2eGround('policies');
  await ground.serve('nano');
  await ground.untilServing('nano');
  const [sampler] = await ground.pods('nano', 'sampler');
  if (sampler === undefined) throw new Error('no sampler');
  const { name } = sampler.metadata;
  const [nats, operator] = [await addressOf(ground, 'app.kubernetes.io/component=nats'), await addressOf(ground, 'app.kubernetes.io/component=operator')];
  expect(await reaches(ground, name, 'grm-nats.grm-system.svc', 4222)).toBe(true);
  expect(await reaches(ground, name, operator, 8080)).toBe(false);
  expect(await reaches(ground, name, '10.96.0.1', 443)).toBe(false);

  const image = await ground.kubectl(['get', 'pod', name, '-o', 'jsonpath={.spec.containers[0].image}']);
  await ground.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'stray', labels: { 'app.kubernetes.io/instance': 'stray' } },
    spec: {
      securityContext: { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [{ name: 'stray', image, command: ['node', '-e', 'process.once("SIGTERM", () => process.exit(0)); setInterval(() => {}, 1000)'], securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }],
    },
  });
  await waitUntil(async () => (await ground.pods('stray')).some(isReady), { what: 'the stray pod', withinMs: 60_000 });
  expect(await reaches(ground, 'stray', nats, 4222)).toBe(true);
  expect(await reaches(ground, 'stray', nats, 8222)).toBe(false);
  expect(await reaches(ground, 'stray', operator, 8080)).toBe(true);
});
