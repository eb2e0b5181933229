import { type GRMResource, parseResource, resourceKey } from '@grm/resources';
import { z } from 'zod';

const resource = z.unknown().transform((value, context): GRMResource => {
  const result = parseResource(value);
  if (result.ok) return result.resource;
  for (const { path, message } of result.issues) context.addIssue({ code: 'custom', path: [...path], message });
  return z.NEVER;
});

export interface AppliedResource {
  readonly resource: GRMResource;
  /** Absolute; relative paths in the resource start here. */
  readonly folder: string;
}

/** `desired.json`: everything that has been applied and not been taken down. */
export interface DesiredState {
  readonly version: 1;
  readonly generation: number;
  /** Folder that holds `apps/` and `models/`. */
  readonly programs: string;
  /** A server that somebody else runs, or the executable and port of one to run. */
  readonly nats:
    | { readonly kind: 'given'; readonly url: string }
    | { readonly kind: 'managed'; readonly executable: string; readonly port: number };
  readonly logLevel: string;
  readonly telemetryEndpoint?: string;
  /** Keys of runs to train again although they are complete. */
  readonly retrain: readonly string[];
  /** Keys of what was applied last: a suspended run among them goes on, others stay suspended. */
  readonly applied: readonly string[];
  readonly resources: readonly AppliedResource[];
}

export const desiredState: z.ZodType<DesiredState> = z.object({
  version: z.literal(1),
  generation: z.number().int(),
  programs: z.string(),
  nats: z.union([
    z.object({ kind: z.literal('given'), url: z.string() }),
    z.object({ kind: z.literal('managed'), executable: z.string(), port: z.number().int() }),
  ]),
  logLevel: z.string(),
  telemetryEndpoint: z.exactOptional(z.string()),
  retrain: z.array(z.string()),
  applied: z.array(z.string()).default([]),
  resources: z.array(z.object({ resource, folder: z.string() })),
});

/** What is desired after applying `applied` over what was: resources of the same key are replaced, others stay. */
export function mergeResources(before: readonly AppliedResource[], applied: readonly AppliedResource[]): AppliedResource[] {
  const merged = new Map(before.map((entry) => [resourceKey(entry.resource), entry]));
  for (const entry of applied) merged.set(resourceKey(entry.resource), entry);
  return [...merged.values()];
}
