import { mkdirSync, writeFileSync } from 'node:fs';
import { crdText } from './crd-text.ts';
import { customResourceDefinitions } from './kinds.ts';

// `make crds` after a schema has changed.
const folder = new URL('../../../../charts/grm/crds/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [file, definition] of customResourceDefinitions()) writeFileSync(new URL(file, folder), crdText(definition));
