import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterFacts } from './cluster-facts.ts';

/** The folder above `test/`, from sources and from their compiled form alike. */
export const repository = import.meta.dirname.replace(/\/test\/(dist\/)?cluster$/, '');

export const defaultClusterName = 'grm';

/** Where a cluster's certificates, data, images and logs are. */
export function clusterFolder(name: string): string {
  return join(repository, '.grm', 'cluster', name);
}

/** Parent of the cgroups of all pods of a cluster. */
export function cgroupOf(name: string): string {
  return `grm-${name}`;
}

/** The link between a cluster's node and the network that it was brought up from. Linux allows fifteen characters. */
export function linkOf(name: string): string {
  return `grm-${name}`.slice(0, 15);
}

/** There is no cluster of this name. */
export class NoClusterError extends Error {
  override readonly name = 'NoClusterError';

  constructor(cluster: string, cause?: unknown) {
    super(`There is no cluster "${cluster}" here. Bring it up: make cluster`, { cause });
  }
}

/** @throws NoClusterError */
export async function readClusterFacts(name: string): Promise<ClusterFacts> {
  try {
    return JSON.parse(await readFile(join(clusterFolder(name), 'cluster.json'), 'utf8')) as ClusterFacts;
  } catch (error) {
    throw new NoClusterError(name, error);
  }
}
