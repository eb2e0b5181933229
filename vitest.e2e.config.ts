import { defineConfig } from 'vitest/config';

/** What runs in real pods, on the cluster of `make cluster`: `make e2e`. One file a behaviour, one file at a time: the node has two cores. */
export default defineConfig({
  test: {
    name: 'e2e',
    root: 'test',
    include: ['e2e/**/*.test.ts'],
    globalSetup: ['e2e/install-chart.ts'],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    reporters: ['default', '../scripts/closing-line-reporter.ts'],
  },
});
