#!/usr/bin/env node
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Family, families } from './make-images/families.ts';
import type { Layer } from './make-images/layer.ts';
import { type ImageConfig, ociArchive, type WrittenImage } from './make-images/oci-archive.ts';
import { packLayer } from './make-images/pack-layer.ts';
import { imageCache, stageLayer } from './make-images/stage-layer.ts';
import { carryOutStage, stagesOf } from './make-images/stages.ts';
import { kubernetesTools } from './kubernetes-tools.ts';
import { PINNED_NATS_SERVER, resolveNatsServer } from './nats-server.ts';

/*
 * What `make images` runs: container images of this tree without Docker and without a registry, by the same stage scripts that the Dockerfiles run.
 * OCI archives and images.json go to .grm/images.
 */

const repository = join(import.meta.dirname, '..');
const target = join(repository, '.grm', 'images');
const say = (line: string): void => void process.stderr.write(`${line}\n`);

const USAGE = `Usage: node scripts/make-images.ts [--json] [--family NAME --root FOLDER]

Builds the images of this tree as OCI archives in .grm/images: ${families.map(({ name }) => name).join(', ')}, and those that a local cluster needs besides
(nats, grm-pause). With --family and --root: one family's files alone, in an empty folder, as the Dockerfiles ask for it.
`;

interface Built extends WrittenImage {
  readonly name: string;
  readonly file: string;
}

async function buildFamily(family: Family, version: string): Promise<Built> {
  const layers: Layer[] = [];
  for (const stage of stagesOf(family, repository)) layers.push(await stageLayer(stage, repository, say));
  const config: ImageConfig = {
    Env: ['PATH=/usr/local/bin', 'NODE_ENV=production', 'HOME=/tmp', 'SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt'],
    User: '65532:65532',
    WorkingDir: '/app',
    Cmd: ['node', '--version'],
    Labels: {
      'org.opencontainers.image.title': family.title,
      'org.opencontainers.image.version': version,
      'org.opencontainers.image.licenses': 'Apache-2.0',
      'org.opencontainers.image.base.name': 'scratch',
      'dev.grm.sbom': '/app/sbom.cyclonedx.json',
    },
  };
  return write(family.name, version, layers, config);
}

/** An image that holds one static binary. */
async function buildBinary(name: string, tag: string, binary: string): Promise<Built> {
  await mkdir(imageCache(), { recursive: true });
  const scratch = await mkdtemp(join(imageCache(), '.binary-'));
  try {
    const program = binary.split('/').at(-1) ?? name;
    await mkdir(join(scratch, 'root', 'tmp'), { recursive: true });
    await cp(binary, join(scratch, 'root', program), { dereference: true });
    const layer = await packLayer({ folder: join(scratch, 'root'), file: join(scratch, 'layer.tar.gz') });
    return await write(name, tag, [layer], { Entrypoint: [`/${program}`], User: '65532:65532' });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function write(name: string, tag: string, layers: readonly Layer[], config: ImageConfig): Promise<Built> {
  const file = join(target, `${name}.tar`);
  return { name, file, ...(await ociArchive({ name, tag, layers, config, file })) };
}

async function natsServer(): Promise<string> {
  return (await resolveNatsServer({ log: say })).path;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { help: { type: 'boolean' }, json: { type: 'boolean' }, family: { type: 'string' }, root: { type: 'string' } } });
  if (values.help === true) return void process.stdout.write(USAGE);
  if (values.family !== undefined || values.root !== undefined) {
    const family = families.find(({ name }) => name === values.family);
    if (family === undefined || values.root === undefined) throw new Error(`--family and --root belong together; families are ${families.map(({ name }) => name).join(', ')}`);
    for (const stage of stagesOf(family, repository)) await carryOutStage(stage, values.root, repository);
    return;
  }
  const { version } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as { version: string };
  const images: Built[] = [];
  for (const family of families) images.push(await buildFamily(family, version));
  // By the name that the chart's values have for it.
  images.push(await buildBinary('nats', `${PINNED_NATS_SERVER}-alpine`, await natsServer()));
  images.push(await buildBinary('grm-pause', '1', join(await kubernetesTools({ log: say }), 'pause')));
  await writeFile(join(target, 'images.json'), `${JSON.stringify(images, undefined, 2)}\n`);
  if (values.json === true) return void process.stdout.write(`${JSON.stringify(images, undefined, 2)}\n`);
  const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`.padStart(9);
  for (const { reference, bytes, compressedBytes } of images) process.stdout.write(`${reference.padEnd(44)} ${mebibytes(bytes)} (${mebibytes(compressedBytes).trim()} compressed)\n`);
}

try {
  await main();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
