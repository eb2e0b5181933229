import type { CrdSchema } from './chart-crds.ts';

/** Every rule of a schema as `path: message`; `[]` stands for any index. */
export function rulesOf(schema: CrdSchema, path = ''): string[] {
  const own = (schema['x-kubernetes-validations'] ?? []).map(({ message }) => `${path}: ${message}`);
  const fields = Object.entries(schema.properties ?? {}).flatMap(([name, field]) => rulesOf(field, path === '' ? name : `${path}.${name}`));
  return [...own, ...fields, ...(schema.items === undefined ? [] : rulesOf(schema.items, `${path}[]`))];
}
