import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { repositoryFile, temporaryFolder } from '../support/index.ts';

const run = promisify(execFile);

/** A folder with a file, a link and a program, as a layer is made of. */
async function layer(parent: string, name: string): Promise<string> {
  const folder = join(parent, name);
  await mkdir(join(folder, 'bin'), { recursive: true });
  await writeFile(join(folder, 'bin', 'program'), '#!/bin/true\n', { mode: 0o755 });
  await writeFile(join(folder, 'text'), name);
  await utimes(join(folder, 'text'), Math.random() * 1e9, Math.random() * 1e9);
  return folder;
}

async function archive(folders: readonly string[], file: string, config: object): Promise<string> {
  const { stdout } = await run(process.execPath, [repositoryFile('scripts/make-image.ts'), '--name', 'team/judge', '--tag', '1', '--file', file, '--config', JSON.stringify(config), ...folders]);
  return stdout.trim();
}

const Descriptor = z.object({ digest: z.string(), size: z.number(), mediaType: z.string(), annotations: z.record(z.string(), z.string()).optional() });

describe('an image made without Docker', () => {
  it('is an OCI layout whose digests are those of its blobs, under the name that a pod would write', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'image.tar');
    const config = { User: '65532:65532', Entrypoint: ['/bin/program'] };
    expect(await archive([await layer(folder.path, 'low'), await layer(folder.path, 'high')], file, config)).toBe('docker.io/team/judge:1');
    const unpacked = join(folder.path, 'layout');
    await mkdir(unpacked);
    await run('tar', ['-xf', file, '-C', unpacked]);
    const blob = async (digest: string): Promise<Buffer> => {
      const bytes = await readFile(join(unpacked, 'blobs', digest.replace(':', '/')));
      expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(digest);
      return bytes;
    };
    const index = z.object({ manifests: z.tuple([Descriptor]) }).parse(JSON.parse(await readFile(join(unpacked, 'index.json'), 'utf8')));
    expect(index.manifests[0].annotations).toMatchObject({ 'io.containerd.image.name': 'docker.io/team/judge:1' });
    const manifest = z.object({ config: Descriptor, layers: z.array(Descriptor) }).parse(JSON.parse(String(await blob(index.manifests[0].digest))));
    const written = z.object({ config: z.unknown(), rootfs: z.object({ diff_ids: z.array(z.string()) }) }).parse(JSON.parse(String(await blob(manifest.config.digest))));
    expect(written.config).toEqual(config);
    expect(written.rootfs.diff_ids).toHaveLength(2);
    for (const { digest, size } of manifest.layers) expect((await blob(digest)).length).toBe(size);
  });

  it('has the same bytes whenever and wherever its files were made', async () => {
    await using folder = await temporaryFolder();
    const files = ['one.tar', 'other.tar'].map((name) => join(folder.path, name));
    for (const [index, file] of files.entries()) {
      const parent = join(folder.path, String(index));
      await mkdir(parent);
      await archive([await layer(parent, 'layer')], file, {});
    }
    const [one, other] = await Promise.all(files.map((file) => readFile(file)));
    expect(one?.equals(other ?? Buffer.alloc(0))).toBe(true);
  });
});

describe('the stages of an image', () => {
  it('fill a folder with programs and libraries as they are compiled, and nothing that only tests or compilers read', async () => {
    const folder = await temporaryFolder();
    onTestFinished(() => folder[Symbol.asyncDispose]());
    await run('sh', [repositoryFile('images/stages/programs.sh'), folder.path, 'apps/voter', 'libs/controller-runtime'], { cwd: repositoryFile('.') });
    const files = await readdir(join(folder.path, 'app'), { recursive: true });
    expect(files).toContain('apps/voter/dist/main.js');
    expect(files).toContain('models/nano-judge/model.safetensors');
    expect(files.filter((file) => /\.(test|fixture)\.|\.d\.ts$|\.map$|\.tsbuildinfo$|\/testing\//.test(file))).toEqual([]);
  });

  it('leave packages that lie in the same folder as they were installed', async () => {
    await using folder = await temporaryFolder();
    const installed = join(folder.path, 'app', 'node_modules', 'rxjs', 'testing');
    await mkdir(installed, { recursive: true });
    await writeFile(join(installed, 'index.fixture.js'), '');
    await run('sh', [repositoryFile('images/stages/programs.sh'), folder.path, 'libs/spct'], { cwd: repositoryFile('.') });
    expect(await readdir(installed)).toEqual(['index.fixture.js']);
  });

  it('are the same with Docker: each family has a Dockerfile that runs them', async () => {
    const { stdout } = await run(process.execPath, [repositoryFile('scripts/make-images.ts'), '--help']);
    for (const family of ['operator', 'services']) {
      expect(stdout).toContain(`grm-${family}`);
      expect(await readFile(repositoryFile(`images/${family}/Dockerfile`), 'utf8')).toContain(`RUN node scripts/make-images.ts --family grm-${family} --root /image\n`);
    }
  });
});
