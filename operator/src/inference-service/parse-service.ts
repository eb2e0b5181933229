import { type GRMInferenceService, parseResource } from '@grm/resources';
import type { InferenceServiceObject } from './inference-service-object.ts';

export type ParsedService = { readonly kind: 'valid'; readonly service: GRMInferenceService } | { readonly kind: 'invalid'; readonly message: string };

const parsed = new WeakMap<InferenceServiceObject, ParsedService>();

/** The service as this version understands it. Each version of an object is parsed once. */
export function parseService(object: InferenceServiceObject): ParsedService {
  const known = parsed.get(object);
  if (known !== undefined) return known;
  const result = parse(object);
  parsed.set(object, result);
  return result;
}

/** Without the metadata that the API server adds. */
function parse({ apiVersion, kind, metadata, spec }: InferenceServiceObject): ParsedService {
  const { name, namespace, labels = {}, annotations = {} } = metadata;
  const result = parseResource({ apiVersion, kind, metadata: { name, namespace, labels, annotations }, spec }, 'cluster');
  if (!result.ok) {
    const issues = result.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`));
    return { kind: 'invalid', message: `${issues.join('; ')}. The operator may be older than its CustomResourceDefinitions: install the same version of both` };
  }
  if (result.resource.kind !== 'GRMInferenceService') return { kind: 'invalid', message: `it is a ${result.resource.kind}` };
  return { kind: 'valid', service: result.resource };
}

/** Runs whose models a service asks for, as values of `SERVED_RUN_INDEX`. */
export function servedRuns(object: InferenceServiceObject): readonly string[] {
  const result = parseService(object);
  if (result.kind === 'invalid') return [];
  const { model, metaRM } = result.service.spec;
  const sources = metaRM?.model === undefined ? [model] : [model, metaRM.model];
  return [...new Set(sources.flatMap((source) => ('trainingRun' in source ? [`${object.metadata.namespace ?? ''}/${source.trainingRun.name}`] : [])))];
}
