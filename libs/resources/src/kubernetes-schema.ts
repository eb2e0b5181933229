import type { z } from 'zod';

/** A rule in the Common Expression Language that the API server checks (`x-kubernetes-validations`). */
export interface Rule {
  readonly rule: string;
  readonly message: string;
  /** An expression for the message, where it names values. */
  readonly messageExpression?: string;
}

/** What a schema's field is, for people, and what its parts have to do with one another, for the API server. */
export function documented<Schema extends z.ZodType>(schema: Schema, description: string, ...rules: readonly Rule[]): Schema {
  return schema.meta({ ...schema.meta(), description, ...(rules.length === 0 ? {} : { 'x-kubernetes-validations': rules }) });
}

/** Further rules for a schema that has some. */
export function ruled<Schema extends z.ZodType>(schema: Schema, ...rules: readonly Rule[]): Schema {
  const before: unknown = schema.meta()?.['x-kubernetes-validations'];
  return schema.meta({ ...schema.meta(), 'x-kubernetes-validations': [...(Array.isArray(before) ? (before as unknown[]) : []), ...rules] });
}

/** How server-side apply merges a list: as a whole, as a set, or by the keys of its elements. */
export function listed<Schema extends z.ZodType>(schema: Schema, type: 'atomic' | 'set' | readonly string[]): Schema {
  const keyed = typeof type !== 'string';
  return schema.meta({ ...schema.meta(), 'x-kubernetes-list-type': keyed ? 'map' : type, ...(keyed ? { 'x-kubernetes-list-map-keys': type } : {}) });
}
