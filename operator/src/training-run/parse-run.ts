import { type GRMTrainingRun, parseResource } from '@grm/resources';
import type { TrainingRunObject } from './training-run-object.ts';

export type ParsedRun = { readonly kind: 'valid'; readonly run: GRMTrainingRun } | { readonly kind: 'invalid'; readonly message: string };

const parsed = new WeakMap<TrainingRunObject, ParsedRun>();

/** The run as this version understands it. Each version of an object is parsed once. */
export function parseRun(object: TrainingRunObject): ParsedRun {
  const known = parsed.get(object);
  if (known !== undefined) return known;
  const result = parse(object);
  parsed.set(object, result);
  return result;
}

/** Without the metadata that the API server adds. */
function parse({ apiVersion, kind, metadata, spec }: TrainingRunObject): ParsedRun {
  const { name, namespace, labels = {}, annotations = {} } = metadata;
  const result = parseResource({ apiVersion, kind, metadata: { name, namespace, labels, annotations }, spec }, 'cluster');
  if (!result.ok) {
    const issues = result.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`));
    return { kind: 'invalid', message: `${issues.join('; ')}. The operator may be older than its CustomResourceDefinitions: install the same version of both` };
  }
  if (result.resource.kind !== 'GRMTrainingRun') return { kind: 'invalid', message: `it is a ${result.resource.kind}` };
  return { kind: 'valid', run: result.resource };
}
