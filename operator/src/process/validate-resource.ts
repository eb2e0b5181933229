import type { AdmissionAnswer, AdmissionRequest } from '@grm/controller-runtime';
import { parseResource } from '@grm/resources';

/** Refuses what the operator would not understand, with every fault at once. The API server's own rules say most of it already. */
export function validateResource({ object, operation }: AdmissionRequest): AdmissionAnswer {
  if (operation === 'DELETE' || typeof object !== 'object' || object === null) return { allowed: true };
  const { apiVersion, kind, metadata, spec } = object as { apiVersion?: unknown; kind?: unknown; metadata?: { name?: unknown; namespace?: unknown; deletionTimestamp?: unknown }; spec?: unknown };
  // One that goes is let go, whatever it says.
  if (metadata?.deletionTimestamp !== undefined) return { allowed: true };
  const result = parseResource({ apiVersion, kind, metadata: { name: metadata?.name, namespace: metadata?.namespace }, spec }, 'cluster');
  return result.ok ? { allowed: true } : { allowed: false, message: result.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ') };
}
