import type { GRMInferenceService, ModelSource } from '@grm/resources';
import { basename } from 'node:path';
import type { Reference } from './site.ts';

export function referenceOf(service: GRMInferenceService, source: Exclude<ModelSource, { served: unknown }>, artifact: 'policy' | 'metaRM'): Reference {
  if ('builtin' in source) return { kind: 'builtin', name: source.builtin };
  if ('volume' in source) return { kind: 'volume', ...source.volume };
  if ('objectStore' in source) return { kind: 'object', ...source.objectStore };
  return { kind: 'artifact', run: { namespace: service.metadata.namespace, name: source.trainingRun.name }, artifact };
}

/** What verdicts call a model: the builtin's name, the run's, that of the folder or file, or what a server calls it. */
export function nameOf(source: ModelSource): string {
  if ('builtin' in source) return source.builtin;
  if ('volume' in source) return basename(source.volume.path, '.gguf');
  if ('objectStore' in source) return basename(source.objectStore.key);
  if ('served' in source) return source.served.name;
  return source.trainingRun.name;
}
