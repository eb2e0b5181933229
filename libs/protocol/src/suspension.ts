import { z } from 'zod';
import { DurationMs } from './scalars.ts';

/** Asks a run's trainer to save a checkpoint and end. */
export const Suspension = z.object({
  waitMs: DurationMs.describe('Answer after this time at the latest, suspended or not. It is a span, so that clocks need not agree'),
});
export type Suspension = z.infer<typeof Suspension>;
