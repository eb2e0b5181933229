import { z } from 'zod';
import { listed } from '../kubernetes-schema.ts';

/** RFC 3339. */
export const time = z.string().max(64).meta({ format: 'date-time' });

const condition = z.object({
  type: z.string().max(316).describe('What is true, false or not known.'),
  status: z.enum(['True', 'False', 'Unknown']).describe('Whether it is.'),
  reason: z.string().max(1024).describe('Why, as a word for programs.'),
  message: z.string().max(32_768).describe('Why, as a sentence for people.'),
  lastTransitionTime: time.describe('When the status last changed.'),
  observedGeneration: z.exactOptional(z.number().int().min(0)).describe('Generation of the spec that it speaks of.'),
});

export const conditions = listed(z.array(condition).max(32), ['type']).describe('What is true of the resource now. Each type and reason is explained in docs/operator.md.');

export const lastFailure = z
  .object({
    pod: z.exactOptional(z.string().max(253)).describe('Pod.'),
    container: z.exactOptional(z.string().max(63)).describe('Container.'),
    reason: z.string().max(1024).describe('Why, as a word for programs.'),
    exitCode: z.exactOptional(z.number().int()).describe('Exit code of the process.'),
    message: z.exactOptional(z.string().max(4096)).describe('What it said last.'),
    time: time.describe('When.'),
  })
  .describe('The newest failure of a pod; it stays when the pod is gone.');
