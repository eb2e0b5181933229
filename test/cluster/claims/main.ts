import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ApiClient, done, loadKubeConfig, Manager, type ObjectKey, RuntimeMetrics } from '@grm/controller-runtime';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { claims, classes, provisioner, storageClass, volumeFor, volumes } from './volume-for.ts';

const [kubeconfig, node, folder] = process.argv.slice(2);
if (kubeconfig === undefined || node === undefined || folder === undefined) throw new Error('Usage: node main.js KUBECONFIG NODE FOLDER');

const registry = new Registry();
const metrics = new RuntimeMetrics(registry);
const client = new ApiClient({ kubeConfig: loadKubeConfig(kubeconfig), fieldManager: provisioner, metrics });
const manager = new Manager({ client, registry, metrics, log: pino({ level: 'warn' }), namespaces: 'all' });
const allClaims = manager.informer(claims);
const allVolumes = manager.informer(volumes);

await client.apply(classes, storageClass, { force: true });

/** A claim of this class gets a folder of the node; the controller manager binds them. */
manager.controller({
  name: 'claims',
  primary: allClaims,
  reconcile: async (key: ObjectKey, { signal }) => {
    const claim = allClaims.store.get(key);
    const volume = claim === undefined ? undefined : volumeFor(claim, node, folder);
    if (volume === undefined) return done;
    await mkdir(volume.spec.local.path, { recursive: true });
    await client.apply(volumes, volume, { force: true, signal });
    return done;
  },
});

/** A volume whose claim is gone goes with its folder. */
manager.controller({
  name: 'volumes',
  primary: allVolumes,
  reconcile: async (key: ObjectKey, { signal }) => {
    const volume = allVolumes.store.get(key);
    if (volume?.metadata.annotations?.['pv.kubernetes.io/provisioned-by'] !== provisioner || volume.status?.phase !== 'Released') return done;
    await rm(join(folder, volume.metadata.name), { recursive: true, force: true });
    await client.delete(volumes, key, { signal });
    return done;
  },
});

const stop = new AbortController();
for (const end of ['SIGTERM', 'SIGINT'] as const) process.once(end, () => stop.abort());
await manager.run(stop.signal);
