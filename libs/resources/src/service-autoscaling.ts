import { z } from 'zod';
import { SERVICE_DEFAULTS } from './defaults.ts';
import { documented } from './kubernetes-schema.ts';

const defaults = SERVICE_DEFAULTS.autoscaling;
const seconds = z.number().int().min(0).max(86_400);
const bounds = { rule: 'self.minReplicas <= self.maxReplicas', message: 'minReplicas is more than maxReplicas' };

/** Replicas that follow what waits. */
export const autoscaling = documented(
  z
    .strictObject({
      minReplicas: documented(z.number().int().min(0).max(1000).default(defaults.minReplicas), 'Fewest replicas; with 0 the last one goes when nothing has waited for idleSeconds, and comes back for the first request.'),
      maxReplicas: documented(z.number().int().min(1).max(1000), 'Most replicas.'),
      targetBacklogSeconds: documented(z.number().min(0.1).max(86_400).default(defaults.targetBacklogSeconds), 'How long what waits may take to be worked off, at the samples a second that were measured.'),
      scaleUpStabilizationSeconds: documented(seconds.default(defaults.scaleUpStabilizationSeconds), 'How long more must have been wanted before it is added.'),
      scaleDownStabilizationSeconds: documented(seconds.default(defaults.scaleDownStabilizationSeconds), 'How long less must have been wanted before it is taken away.'),
      idleSeconds: documented(seconds.default(defaults.idleSeconds), 'How long nothing may have waited before the last replica goes.'),
    })
    .superRefine(({ minReplicas, maxReplicas }, context) => {
      if (minReplicas > maxReplicas) context.addIssue({ code: 'custom', path: ['minReplicas'], message: bounds.message });
    }),
  'Replicas that follow what waits in the queue, in place of `replicas`.',
  bounds,
);

export type Autoscaling = z.output<typeof autoscaling>;
