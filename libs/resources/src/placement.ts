import { z } from 'zod';
import { documented } from './kubernetes-schema.ts';
import { compareQuantities } from './quantity.ts';

const quantity = z.string().max(32).regex(/^[0-9]+(\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$/, 'a Kubernetes quantity such as 500m, 2 or 4Gi');

const amounts = (what: string) =>
  documented(
    z.strictObject({
      cpu: documented(z.exactOptional(quantity), 'CPU cores: 2, or 500m for half a core.'),
      memory: documented(z.exactOptional(quantity), 'Memory: 4Gi, 512Mi.'),
    }),
    what,
  );

const withinLimits = (['cpu', 'memory'] as const).map((amount) => ({
  amount,
  rule: `!has(self.requests) || !has(self.limits) || !has(self.requests.${amount}) || !has(self.limits.${amount}) || quantity(self.requests.${amount}).compareTo(quantity(self.limits.${amount})) <= 0`,
  message: `requests.${amount} is more than limits.${amount}`,
}));

/** CPU and memory of one container. */
export const resources = documented(
  z
    .strictObject({
      requests: z.exactOptional(amounts('What the scheduler sets aside. Default of each: its limit, else what the engine keeps busy.')),
      limits: z.exactOptional(amounts('What the container may take at most. Default of memory: what is requested.')),
    })
    .superRefine(({ requests = {}, limits = {} }, context) => {
      for (const { amount, message } of withinLimits) {
        const [requested, limit] = [requests[amount], limits[amount]];
        if (requested !== undefined && limit !== undefined && (compareQuantities(requested, limit) ?? 0) > 0) context.addIssue({ code: 'custom', path: ['requests', amount], message });
      }
    }),
  'CPU and memory of one replica. Default: what its engine keeps busy.',
  ...withinLimits.map(({ rule, message }) => ({ rule, message })),
);

/** As the value of a label. */
export const gpuProduct = documented(
  z.string().max(63).regex(/^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/, 'letters, digits and - _ . only, starting and ending with a letter or digit'),
  'Product as NVIDIA names it: NVIDIA-A100-SXM4-80GB. Nodes are found by their label nvidia.com/gpu.product, or as the installation says (services.gpuPool of the chart).',
);

export type Resources = z.output<typeof resources>;
