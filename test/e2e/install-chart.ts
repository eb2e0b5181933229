import type { TestProject } from 'vitest/node';
import { openCluster } from '../cluster/index.ts';
import { installChart } from './support/release.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** What the installation took, s. */
    readonly installSeconds: number;
  }
}

/** Before all files: the chart on the cluster of `make cluster`. It stays, to be looked at. */
export default async function setUp(project: TestProject): Promise<void> {
  await using cluster = await openCluster();
  const began = performance.now();
  await installChart(cluster);
  project.provide('installSeconds', (performance.now() - began) / 1000);
}
