import type { Site } from '@grm/workloads';

/** A cluster whose images hold the models, and whose runs have a claim each. */
export const site: Site = {
  image: 'grm:test',
  natsUrl: 'nats://nats:4222',
  logLevel: 'info',
  resolve: (reference) => ({ path: reference.kind === 'builtin' ? `/models/${reference.name}` : `/elsewhere/${reference.kind}` }),
  runFolder: ({ name }) => ({
    path: '/run/grm',
    mount: { volume: { name: 'folder', persistentVolumeClaim: { claimName: `grm-${name}-trainer` } }, mountPath: '/run/grm', readOnly: false },
  }),
};
