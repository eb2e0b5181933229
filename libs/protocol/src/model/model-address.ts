import { GrmError } from '../grm-error.ts';

/** The object store that models are in where nothing else is said. */
export const modelsBucket = 'grm-models';

/** Where a model lies in a NATS object store, written `nats://<bucket>/<key>` or, for one that must have this revision, `nats://<bucket>/<key>#sha256:<hex>`. */
export interface ModelAddress {
  readonly bucket: string;
  /** Of the model: its objects are `<key>/<file>`. */
  readonly key: string;
  /** As verdicts call it: `sha256:` and 64 hex digits. Absent: whatever lies there. */
  readonly revision?: string;
}

const scheme = 'nats://';
const written = /^nats:\/\/([-\w]{1,255})\/([-\w.=]+(?:\/[-\w.=]+)*)(?:#(sha256:[0-9a-f]{64}))?$/;

/** Whether a model is named by an address rather than by a path. */
export function isModelAddress(text: string): boolean {
  return text.startsWith(scheme);
}

/** @throws GrmError `invalid-request` */
export function parseModelAddress(text: string): ModelAddress {
  const [, bucket, key, revision] = written.exec(text) ?? [];
  if (bucket === undefined || key === undefined || key.split('/').some((part) => /^\.+$/.test(part))) {
    throw new GrmError('invalid-request', `${JSON.stringify(text)} is no model's address: expected nats://BUCKET/KEY, or nats://BUCKET/KEY#sha256:DIGEST`);
  }
  return { bucket, key, ...(revision === undefined ? {} : { revision }) };
}

export function formatModelAddress({ bucket, key, revision }: ModelAddress): string {
  return `${scheme}${bucket}/${key}${revision === undefined ? '' : `#${revision}`}`;
}

/** Key of what a training run publishes. */
export function artifactKey(run: { readonly namespace: string; readonly run: string }, artifact: 'policy' | 'metaRM'): string {
  return `${run.namespace}.${run.run}/${artifact}`;
}

/** Object `<key>/grm-model.json`: written last, so that a model that has one is all there. */
export const modelIndexName = 'grm-model.json';
