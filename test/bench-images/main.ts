import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type KubernetesObject, resourceType } from '@grm/controller-runtime';
import { waitUntil } from '@grm/controller-runtime/testing';
import Table from 'cli-table3';
import { Command } from 'commander';
import { repositoryFile } from '../support/repository-file.ts';
import { e2eGround, type Ground, isTrue } from '../e2e/support/ground.ts';
import { installChart, release } from '../e2e/support/release.ts';

/** How long the programs of the images take from the start of their container to Ready, as the kubelet sees it: on the cluster of `make cluster`. */
const options = new Command('bench-images').option('--rounds <count>', 'pods of each component', '5').showHelpAfterError().parse().opts<{ rounds: string }>();
const rounds = Number(options.rounds);
if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100) throw new Error(`--rounds: expected a whole number from 1 to 100, not "${options.rounds}"`);

interface LivePod extends KubernetesObject {
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly { readonly state?: { readonly running?: object } }[];
  };
}
const pods = resourceType<LivePod>({ apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true });

interface Component {
  readonly name: string;
  readonly namespace: string;
  readonly selector: string;
}

/** Deletes a component's pod and times the next one, ms. */
async function restart({ cluster }: Ground, { name, namespace, selector }: Component): Promise<number> {
  const list = (): Promise<readonly LivePod[]> => cluster.client.list(pods, { namespace, labelSelector: selector });
  const before = new Set((await list()).map(({ metadata }) => metadata.uid));
  const [first] = await list();
  if (first === undefined) throw new Error(`no ${name} runs`);
  await cluster.client.delete(pods, { namespace, name: first.metadata.name });
  const next = async (): Promise<LivePod | undefined> => (await list()).find(({ metadata }) => !before.has(metadata.uid));
  await waitUntil(async () => (await next())?.status?.containerStatuses?.[0]?.state?.running, { what: `the next ${name} to start`, withinMs: 120_000 });
  const began = performance.now();
  await waitUntil(async () => isTrue((await next())?.status, 'Ready'), { what: `the next ${name} to be ready`, withinMs: 120_000 });
  const took = performance.now() - began;
  await waitUntil(async () => (await list()).length === before.size, { what: `the ${name} before to be gone`, withinMs: 120_000 });
  return took;
}

await using ground = await e2eGround('bench-images');
await installChart(ground.cluster);
await ground.serve('nano');
await ground.untilServing('nano');
const of = (component: string): Component => ({ name: component, namespace: ground.namespace, selector: `app.kubernetes.io/instance=nano,app.kubernetes.io/component=${component}` });
const components = [of('voter'), of('sampler'), of('meta-rm'), { name: 'operator', namespace: release.namespace, selector: 'app.kubernetes.io/component=operator' }];
const table = new Table({ head: ['', 'median s', 'longest s'], style: { head: [], border: [] }, colAligns: ['left', 'right', 'right'] });
const figures: Record<string, { median: number; longest: number; rounds: number }> = {};
for (const component of components) {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push((await restart(ground, component)) / 1000);
  const sorted = times.toSorted((one, other) => one - other);
  const figure = { median: sorted[Math.floor(sorted.length / 2)] ?? 0, longest: sorted.at(-1) ?? 0, rounds };
  figures[component.name] = figure;
  table.push([component.name, figure.median.toFixed(1), figure.longest.toFixed(1)]);
}
process.stdout.write(`From the start of the container to Ready, ${rounds} pods of each:\n${table.toString()}\n`);
await writeFile(join(repositoryFile('.grm'), 'bench-images.json'), `${JSON.stringify(figures, undefined, 2)}\n`);
