import { z } from 'zod';
import { kindOf } from './kind-of.ts';
import { limits } from './limits.ts';

/** Letters, digits, `_` and `-`: an id may become a token of a subject. */
export const Id = z
  .string()
  .max(limits.idLength, `must be at most ${limits.idLength} characters`)
  .regex(/^[A-Za-z0-9_-]+$/, 'must be one or more of A-Z, a-z, 0-9, "_" and "-"');

export const Seed = whole('seed', 0, limits.seed).describe('Unsigned 32-bit integer');

export const Temperature = z
  .number({ error: (issue) => `expected a number from 0 to ${limits.temperature}, got ${kindOf(issue.input)}` })
  .min(0, 'must not be below 0')
  .max(limits.temperature, `must not be above ${limits.temperature}`);

/** A point on the judge's scale, 1 to 10. */
export const Score = z
  .number({ error: (issue) => `expected a number from ${limits.score.least} to ${limits.score.most}, got ${kindOf(issue.input)}` })
  .min(limits.score.least, `must not be below ${limits.score.least}`)
  .max(limits.score.most, `must not be above ${limits.score.most}`);

/** A subject to publish to: no wildcard, and nothing that the protocol's text form would read as its end. */
export const Subject = z
  .string()
  .max(512)
  .regex(/^[^\s.*>]+(\.[^\s.*>]+)*$/, 'must be a NATS subject without wildcards');

/** Milliseconds since the Unix epoch. */
export const EpochMs = z.number().int().min(0);

/** Milliseconds of a duration. */
export const DurationMs = z.number().min(0);

export const Count = z.number().int().min(0);

/** A whole number within bounds, with messages that name them. */
export function whole(what: string, minimum: number, maximum: number) {
  const bounds = `${what} must be a whole number from ${minimum} to ${maximum}`;
  return z.number(bounds).int(bounds).min(minimum, bounds).max(maximum, bounds);
}
