import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Every package is one project named after its folder; `test/` holds what crosses packages. */
const packages = ['libs', 'apps'].flatMap((folder) =>
  readdirSync(new URL(folder, import.meta.url)).map((name) => ({ name, root: `${folder}/${name}` })),
);

/** Starts one Kubernetes control plane for the whole run, as soon as a test asks for it and not before. */
const globalSetup = fileURLToPath(new URL('libs/controller-runtime/src/testing/shared-control-plane-setup.ts', import.meta.url));

/** The operator is a package of its own beside them. */
packages.push({ name: 'operator', root: 'operator' });

export default defineConfig({
  test: {
    maxWorkers: 2,
    reporters: ['default', './scripts/closing-line-reporter.ts'],
    projects: [
      ...packages.map(({ name, root }) => ({
        test: { name, root, globalSetup, include: ['src/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
      })),
      {
        test: {
          name: 'test',
          root: 'test',
          globalSetup,
          include: ['integration/**/*.test.ts', 'cluster/**/*.test.ts', 'soak/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
});
