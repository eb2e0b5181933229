import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { crdText } from './crd-text.ts';
import { customResourceDefinitions } from './kinds.ts';

const definitions = [...customResourceDefinitions()];

it.each(definitions)('%s of the chart is what the schemas say; `make crds` writes it anew', (file, definition) => {
  expect(readFileSync(new URL(`../../../../charts/grm/crds/${file}`, import.meta.url), 'utf8')).toBe(crdText(definition));
});

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

/** Paths of fields that say nothing of themselves. */
function undocumented(schema: Schema, path: string): string[] {
  const own = schema.description === undefined || schema.description === '' ? [path] : [];
  return [...own, ...Object.entries(schema.properties ?? {}).flatMap(([name, field]) => undocumented(field, `${path}.${name}`)), ...Object.entries(schema.items?.properties ?? {}).flatMap(([name, field]) => undocumented(field, `${path}[].${name}`))];
}

it.each(definitions)('every field of %s says what it is, for kubectl explain', (_file, definition) => {
  const { versions } = definition.spec as { versions: readonly [{ schema: { openAPIV3Schema: Schema } }] };
  const { spec, status } = versions[0].schema.openAPIV3Schema.properties ?? {};
  expect([...undocumented(spec ?? {}, 'spec'), ...undocumented(status ?? {}, 'status')]).toEqual([]);
});
