import { z } from 'zod';
import { documented } from './kubernetes-schema.ts';

const quantity = z.string().max(32).regex(/^[0-9]+(\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$/, 'a Kubernetes quantity such as 500m, 2 or 4Gi');

const amounts = (what: string) =>
  documented(
    z.strictObject({
      cpu: documented(z.exactOptional(quantity), 'CPU cores: 2, or 500m for half a core.'),
      memory: documented(z.exactOptional(quantity), 'Memory: 4Gi, 512Mi.'),
    }),
    what,
  );

/** CPU and memory of one container. */
export const resources = documented(
  z.strictObject({
    requests: z.exactOptional(amounts('What the scheduler sets aside.')),
    limits: z.exactOptional(amounts('What the container may take at most.')),
  }),
  'CPU and memory of one replica. Default: what its engine keeps busy.',
);

export const gpuProduct = documented(z.string().min(1).max(63), "Value of the node label nvidia.com/gpu.product, such as NVIDIA-A100-SXM4-80GB.");

export type Resources = z.output<typeof resources>;
