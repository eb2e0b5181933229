import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { requirements, RequirementsError } from './requirements.ts';

/** A machine with these programs and CNI plugins, and nothing else. */
async function machine(programs: readonly string[], plugins: readonly string[]) {
  const folder = await temporaryFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  const place = async (name: string, files: readonly string[]): Promise<string> => {
    const path = join(folder.path, name);
    await mkdir(path);
    for (const file of files) {
      await writeFile(join(path, file), '');
      await chmod(join(path, file), 0o755);
    }
    return path;
  };
  return { platform: 'linux', user: 0, programs: [await place('bin', programs)], cni: [await place('cni', plugins)] } as const;
}

const programs = ['containerd', 'ctr', 'runc', 'iptables', 'nft', 'conntrack', 'ipset', 'ip', 'unshare', 'nsenter'];
const plugins = ['ptp', 'host-local', 'portmap', 'loopback'];

it('finds the CNI plugins of a machine that has everything', async () => {
  const here = await machine(programs, plugins);
  expect(await requirements(here)).toBe(here.cni[0]);
});

it('names all that is missing at once, and the packages that have it', async () => {
  const here = await machine(programs.filter((name) => name !== 'ctr' && name !== 'nft'), ['loopback']);
  const error = await requirements({ ...here, user: 1000 }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(RequirementsError);
  expect(error).toMatchObject({ packages: ['containerd', 'nftables', 'containernetworking-plugins'], message: expect.stringMatching(/root[^]*program ctr[^]*program nft[^]*CNI plugins ptp[^]*apt-get install/) });
});

it('wants Linux', async () => {
  await expect(requirements({ ...(await machine(programs, plugins)), platform: 'darwin' })).rejects.toThrow('- Linux');
});
