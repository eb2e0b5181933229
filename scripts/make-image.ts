#!/usr/bin/env node
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Layer } from './make-images/layer.ts';
import { type ImageConfig, ociArchive } from './make-images/oci-archive.ts';
import { packLayer } from './make-images/pack-layer.ts';

const USAGE = `Usage: node scripts/make-image.ts --name NAME --tag TAG --file ARCHIVE [--config JSON] FOLDER...

Packs folders as the layers of an image, the lowest first, and writes it as an OCI archive. JSON is the "config" of the OCI image specification.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { help: { type: 'boolean' }, name: { type: 'string' }, tag: { type: 'string' }, file: { type: 'string' }, config: { type: 'string', default: '{}' } },
});
const { name, tag, file } = values;
if (values.help === true || name === undefined || tag === undefined || file === undefined || positionals.length === 0) {
  process.stderr.write(USAGE);
  process.exit(values.help === true ? 0 : 2);
}
const scratch = await mkdtemp(join(tmpdir(), 'grm-image-'));
try {
  const layers: Layer[] = [];
  for (const [index, folder] of positionals.entries()) layers.push(await packLayer({ folder, file: join(scratch, `${index}.tar.gz`) }));
  const { reference } = await ociArchive({ name, tag, layers, config: JSON.parse(values.config) as ImageConfig, file });
  process.stdout.write(`${reference}\n`);
} finally {
  await rm(scratch, { recursive: true, force: true });
}
