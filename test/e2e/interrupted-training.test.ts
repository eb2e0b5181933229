import { waitUntil } from '@grm/controller-runtime/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { e2eGround, type Ground } from './support/ground.ts';

/** A run of half a minute that can be interrupted at every step. */
const run = (name: string) => ({
  apiVersion: 'grm.dev/v1alpha1',
  kind: 'GRMTrainingRun',
  metadata: { name },
  spec: {
    base: { builtin: 'nano-base' },
    data: [{ name: 'pairs', builtin: 'nanobench' }],
    stages: { rft: { items: 60, samplesPerItem: 2, temperature: 0.8, epochs: 4, batchSize: 8 }, grpo: { steps: 6, batchSize: 16, groupSize: 4, learningRate: 1e-4 } },
    checkpoint: { everySteps: 2 },
    engine: { embedded: { threads: 1 } },
    resources: { requests: { cpu: '500m', memory: '1Gi' } },
    seed: 7,
  },
});

let ground: Ground;
let undisturbed: string;

beforeAll(async () => {
  ground = await e2eGround('training');
  await ground.apply(run('undisturbed'));
  undisturbed = await digestOf('undisturbed');
}, 600_000);
afterAll(() => ground[Symbol.asyncDispose](), 240_000);

async function digestOf(name: string): Promise<string> {
  const { status } = await ground.untilRun(name, 'Complete', (state) => state.status?.phase === 'Complete', 600_000);
  return status?.artifacts?.policy?.digest ?? '';
}

/** Waits until the run has saved something that it has not ended with. */
async function underWay(name: string): Promise<void> {
  await ground.untilRun(name, 'a checkpoint, with steps to go', ({ status }) => status?.phase === 'Running' && status.checkpoint !== undefined, 300_000);
}

async function trainer(name: string): Promise<string> {
  return waitUntil(async () => (await ground.pods(name, 'trainer'))[0]?.metadata.name, { what: `a trainer of ${name}`, withinMs: 120_000 });
}

it('ends with the same weights when it was suspended and resumed', async () => {
  await ground.apply(run('suspended'));
  await underWay('suspended');
  await ground.change('grmrun', 'suspended', { suspend: true });
  const stopped = await ground.untilRun('suspended', 'Suspended', ({ status }) => status?.phase === 'Suspended', 120_000);
  expect(stopped.status?.suspension).toMatchObject({ acknowledged: true });
  await expect.poll(() => ground.pods('suspended', 'trainer'), { timeout: 60_000 }).toEqual([]);
  await ground.change('grmrun', 'suspended', { suspend: false });
  expect(await digestOf('suspended')).toBe(undisturbed);
}, 900_000);

it('ends with the same weights when its pod was killed', async () => {
  await ground.apply(run('killed'));
  await underWay('killed');
  await ground.kubectl(['delete', 'pod', await trainer('killed'), '--grace-period=0', '--force']);
  expect(await digestOf('killed')).toBe(undisturbed);
}, 900_000);

it('ends with the same weights when its node was tainted and it had to leave', async () => {
  const { cluster } = ground;
  await ground.apply(run('tainted'));
  await underWay('tainted');
  const pod = await trainer('tainted');
  const taint = 'grm.dev/maintenance';
  // NoExecute would drive out everything on this one node: the run's pod alone is evicted, and the node kept from it.
  await cluster.kubectl(['taint', 'node', cluster.node, `${taint}=soon:NoSchedule`]);
  try {
    await ground.kubectl(['delete', 'pod', pod, '--wait=false']);
    await waitUntil(async () => (await ground.pods('tainted', 'trainer')).some(({ metadata, spec }) => metadata.name !== pod && spec.nodeName === undefined), { what: 'the next trainer to wait for a node', withinMs: 120_000 });
    await ground.untilRun('tainted', 'not scheduled, and said so', ({ status }) => status?.conditions?.some(({ type, status: is }) => type === 'Scheduled' && is === 'False') === true, 120_000);
  } finally {
    await cluster.kubectl(['taint', 'node', cluster.node, `${taint}:NoSchedule-`]);
  }
  expect(await digestOf('tainted')).toBe(undisturbed);
}, 900_000);
