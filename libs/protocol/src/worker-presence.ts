import { z } from 'zod';
import { Count } from './scalars.ts';

/** Reply to `grm.presence.<ns>.<svc>`: a worker of the service lives, and what was measured of it. */
export const WorkerPresence = z.object({
  worker: z.string().describe('Host and process id'),
  component: z.enum(['sampler', 'meta-rm']),
  revision: z.string().exactOptional(),
  loadSeconds: z.number().min(0).describe('Time that its model took to load').exactOptional(),
  samplesPerSecond: z.number().min(0).describe('Samples a second while it was busy, a running mean of its tasks').exactOptional(),
  samplesPerTask: z.number().min(0).describe('Samples of one task, a running mean').exactOptional(),
  busy: Count.describe('Tasks being worked on'),
});
export type WorkerPresence = z.infer<typeof WorkerPresence>;
