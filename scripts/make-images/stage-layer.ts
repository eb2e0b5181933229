import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Layer } from './layer.ts';
import { packLayer } from './pack-layer.ts';
import { carryOutStage, type Stage } from './stages.ts';

/** Layers that do not depend on the sources are kept from one call to the next. */
export function imageCache(environment = process.env): string {
  return join(environment['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'grm', 'images');
}

/** The layer of a stage: from the cache where nothing that it depends on has changed. */
export async function stageLayer(stage: Stage, repository: string, say: (line: string) => void): Promise<Layer> {
  const cache = imageCache();
  await mkdir(cache, { recursive: true });
  const kept = stage.key === undefined ? undefined : join(cache, `${stage.name}-${stage.key}`);
  if (kept !== undefined && (await isThere(join(kept, 'layer.json')))) return { ...(JSON.parse(await readFile(join(kept, 'layer.json'), 'utf8')) as Layer), file: join(kept, 'layer.tar.gz') };
  const began = performance.now();
  const scratch = await mkdtemp(join(cache, '.stage-'));
  try {
    await carryOutStage(stage, join(scratch, 'root'), repository);
    const target = kept ?? join(cache, stage.name);
    const layer = await packLayer({ folder: join(scratch, 'root'), file: join(scratch, 'layer.tar.gz') });
    await rm(join(scratch, 'root'), { recursive: true });
    await writeFile(join(scratch, 'layer.json'), JSON.stringify(layer));
    await rm(target, { recursive: true, force: true });
    await rename(scratch, target);
    say(`${stage.name}: ${((performance.now() - began) / 1000).toFixed(0)} s, ${(layer.bytes / 2 ** 20).toFixed(0)} MiB`);
    return { ...layer, file: join(target, 'layer.tar.gz') };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(() => true, () => false);
}
