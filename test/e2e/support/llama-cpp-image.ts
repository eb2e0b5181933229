import { cp, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runTool } from '@grm/controller-runtime/testing';
import type { Cluster } from '../../cluster/index.ts';
import { fetchSmolLM2 } from '../../support/fetch-smollm2.ts';
import { fetchLlamaCpp } from '../../support/llama-cpp/fetch-llama-cpp.ts';
import { repositoryFile } from '../../support/repository-file.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

export const llamaCppImage = 'grm-test-llama-cpp:1';

/** Debian's Python, as far as the server needs it. */
const packages = ['python3.11-minimal', 'libpython3.11-minimal', 'libpython3.11-stdlib', 'libc6', 'libgcc-s1', 'libstdc++6', 'libgomp1', 'libexpat1', 'zlib1g'];

/** Gives the node an image of llama.cpp's server with SmolLM2-135M in it: what an image of llama.cpp is elsewhere, which cannot be pulled here. */
export async function importLlamaCppImage(cluster: Cluster): Promise<void> {
  await using folder = await temporaryFolder();
  const root = join(folder.path, 'root');
  const debs = join(folder.path, 'debs');
  for (const path of [debs, join(root, 'models'), join(root, 'app'), join(root, 'tmp')]) await mkdir(path, { recursive: true });
  await runTool('sh', ['-c', `cd ${debs} && apt-get download -qq -o APT::Sandbox::User=root ${packages.join(' ')}`], { timeoutMs: 120_000 });
  for (const deb of await readdir(debs)) await runTool('dpkg-deb', ['-x', join(debs, deb), root]);
  await cp(await fetchSmolLM2(), join(root, 'models', 'smollm2.gguf'));
  await cp(await fetchLlamaCpp(), join(root, 'app'), { recursive: true });
  await cp(repositoryFile('test/e2e/support/llama_cpp_server.py'), join(root, 'app', 'llama_cpp_server.py'));
  const file = join(folder.path, 'image.tar');
  const config = { Entrypoint: ['/usr/bin/python3.11', '/app/llama_cpp_server.py'], Env: ['PATH=/usr/bin:/bin', 'PYTHONPATH=/app', 'PYTHONDONTWRITEBYTECODE=1'] };
  const [name = '', tag = ''] = llamaCppImage.split(':');
  await runTool(process.execPath, [repositoryFile('scripts/make-image.ts'), '--name', name, '--tag', tag, '--file', file, '--config', JSON.stringify(config), root], { timeoutMs: 300_000 });
  await cluster.containerd(['images', 'import', file], { timeoutMs: 120_000 });
}
