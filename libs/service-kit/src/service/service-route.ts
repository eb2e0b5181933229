import type { z } from 'zod';

/** One endpoint of a NATS micro service. */
export interface ServiceRoute {
  /** The handler's `@ServiceHandler(pattern)`, and the endpoint's name where it has none of its own. */
  readonly pattern: string;
  readonly endpoint?: string;
  /** In place of the service's. */
  readonly queueGroup?: string;
  readonly subject: string;
  readonly schema: z.ZodType;
  /** Names the payload in error messages. */
  readonly payloadName: string;
  /** Requests at once; further ones are answered `overloaded`. */
  readonly maxInFlight: number;
}

export interface ServiceDescription {
  /** Letters, digits, `-` and `_` (ADR-32). */
  readonly name: string;
  /** Semantic version. */
  readonly version: string;
  readonly description: string;
  readonly queueGroup: string;
  readonly routes: readonly ServiceRoute[];
}

export const SERVICE_DESCRIPTION = Symbol('grm.service-description');
