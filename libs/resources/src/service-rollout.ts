import { z } from 'zod';
import { SERVICE_DEFAULTS } from './defaults.ts';
import { documented } from './kubernetes-schema.ts';

const defaults = SERVICE_DEFAULTS.rollout;
const places = z.number().int().min(0).max(1000);
const seconds = z.number().int().min(1).max(86_400);
const moves = { rule: 'self.maxSurge + self.maxUnavailable >= 1', message: 'maxSurge and maxUnavailable are both 0, so nothing could ever be replaced' };
const needsThreshold = { rule: 'has(self.minAccuracy) || has(self.minAgreement)', message: 'a gate needs minAccuracy or minAgreement: without either it would let everything pass' };

const gate = documented(
  z
    .strictObject({
      suite: documented(z.enum(['nanobench', 'nanobench-single']).default(defaults.gate.suite), 'Items that the candidate judges.'),
      items: documented(z.number().int().min(1).max(8000).default(defaults.gate.items), 'How many of them.'),
      minAccuracy: documented(z.exactOptional(z.number().min(0).max(1)), 'Share that the candidate has to judge right.'),
      minAgreement: documented(z.exactOptional(z.number().min(0).max(1)), 'Share on which the candidate has to choose as the serving revision does. Not asked of the first revision.'),
      deadlineSeconds: documented(seconds.default(defaults.gate.deadlineSeconds), 'Longest that the gate may take.'),
    })
    .superRefine(({ minAccuracy, minAgreement }, context) => {
      if (minAccuracy === undefined && minAgreement === undefined) context.addIssue({ code: 'custom', message: needsThreshold.message });
    }),
  'What a revision has to show before it serves. Absent: that it starts.',
  needsThreshold,
);

/** How a new model takes the place of the one that serves. */
export const rollout = documented(
  z
    .strictObject({
      maxSurge: documented(places.default(defaults.maxSurge), 'Replicas beyond the wanted number while a revision is replaced. 0 suits scarce GPUs.'),
      maxUnavailable: documented(places.default(defaults.maxUnavailable), 'Replicas that may be missing meanwhile. The last one that serves is never taken for a candidate.'),
      progressDeadlineSeconds: documented(seconds.default(defaults.progressDeadlineSeconds), 'A candidate that has its places but is not ready after this time is rolled back.'),
      gate: z.exactOptional(gate),
    })
    .superRefine(({ maxSurge, maxUnavailable }, context) => {
      if (maxSurge + maxUnavailable < 1) context.addIssue({ code: 'custom', path: ['maxUnavailable'], message: moves.message });
    }),
  'How a new model takes the place of the one that serves.',
  moves,
);

/** The roll-out of a service that says nothing of it. */
export const defaultRollout = (): RolloutSpec => rollout.parse({});

export type RolloutSpec = z.output<typeof rollout>;
