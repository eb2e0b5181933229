import fc from 'fast-check';
import type { CrdSchema } from './chart-crds.ts';

/** Values that stand in for those of a schema, by path, where a rule between fields would hardly ever be kept by chance. */
export type Chosen = Readonly<Record<string, fc.Arbitrary<unknown>>>;

/**
 * Values that a structural schema allows: every field that it has, so that a new one is tried as soon as it is there.
 * Of rules, only those that ask for fields are kept; with `[]` for any index in paths.
 */
export function arbitraryOf(schema: CrdSchema, path: string, chosen: Chosen): fc.Arbitrary<unknown> {
  const own = chosen[path];
  if (own !== undefined) return own;
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case 'object':
      return objectOf(schema, path, chosen);
    case 'array':
      return arrayOf(schema, path, chosen);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 1_000_000, 2_147_483_647) });
    case 'number':
      return fc.double({ min: schema.minimum ?? 0, minExcluded: schema.exclusiveMinimum === true, max: schema.maximum ?? 1000, noNaN: true, noDefaultInfinity: true });
    case 'string':
      return stringOf(schema);
    case undefined:
    default:
      throw new Error(`${path}: no values of type ${schema.type}`);
  }
}

function stringOf({ pattern, minLength = 0, maxLength = 64 }: CrdSchema): fc.Arbitrary<string> {
  const any = pattern === undefined ? fc.string({ minLength, maxLength: Math.min(maxLength, 24) }) : fc.stringMatching(new RegExp(pattern));
  return any.filter(({ length }) => length >= minLength && length <= maxLength);
}

function arrayOf(schema: CrdSchema, path: string, chosen: Chosen): fc.Arbitrary<unknown> {
  const [key] = schema['x-kubernetes-list-map-keys'] ?? [];
  const lengths = { minLength: schema.minItems ?? 0, maxLength: Math.min(schema.maxItems ?? 4, 4) };
  const items = arbitraryOf(schema.items ?? {}, `${path}[]`, chosen);
  if (key === undefined) return fc.array(items, lengths);
  return fc.uniqueArray(items, { ...lengths, selector: (item) => (typeof item === 'object' && item !== null ? new Map(Object.entries(item)).get(key) : item) });
}

function objectOf(schema: CrdSchema, path: string, chosen: Chosen): fc.Arbitrary<unknown> {
  const fields = Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, field]) => [name, arbitraryOf(field, `${path}.${name}`, chosen)]));
  const rules = schema['x-kubernetes-validations'] ?? [];
  const demanded = rules.flatMap(({ rule }) => /^has\(self\.(\w+)\)$/u.exec(rule)?.slice(1) ?? []);
  const alternatives = rules.flatMap(({ message }) => /^exactly one of (.+) is needed$/u.exec(message)?.[1]?.split(', ') ?? []);
  const required = [...(schema.required ?? []), ...demanded];
  if (alternatives.length === 0) return fc.record(fields, { requiredKeys: required });
  const only = (alternative: string) => Object.fromEntries(Object.entries(fields).filter(([name]) => name === alternative || !alternatives.includes(name)));
  return fc.oneof(...alternatives.map((alternative) => fc.record(only(alternative), { requiredKeys: [alternative, ...required] })));
}
