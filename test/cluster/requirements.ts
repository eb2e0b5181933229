import { constants, existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Programs that a node is made of and that do not come from this repository, with the Debian package that has each. */
const programs: Readonly<Record<string, string>> = {
  containerd: 'containerd',
  ctr: 'containerd',
  runc: 'runc',
  iptables: 'iptables',
  nft: 'nftables',
  conntrack: 'conntrack',
  ipset: 'ipset',
  ip: 'iproute2',
  unshare: 'util-linux',
  nsenter: 'util-linux',
};
const cniPlugins = ['ptp', 'host-local', 'portmap', 'loopback'];

/** A cluster cannot be brought up on this machine; the message says what is missing and how to get it. */
export class RequirementsError extends Error {
  override readonly name = 'RequirementsError';
  /** Debian packages that have what is missing. */
  readonly packages: readonly string[];

  constructor(missing: readonly string[], packages: readonly string[]) {
    const install = packages.length === 0 ? '' : `\nOn Debian or Ubuntu: apt-get install --no-install-recommends ${packages.join(' ')}`;
    super(`A cluster needs what is not here:\n${missing.map((one) => `  - ${one}`).join('\n')}${install}`);
    this.packages = packages;
  }
}

/** The machine as it is looked at. */
export interface Machine {
  readonly platform: string;
  /** Numeric id of the user. */
  readonly user: number | undefined;
  /** Folders in which programs are looked for. */
  readonly programs: readonly string[];
  /** Folders in which CNI plugins may be. */
  readonly cni: readonly string[];
}

const thisMachine = (): Machine => ({
  platform: process.platform,
  user: process.getuid?.(),
  programs: [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'],
  cni: ['/usr/lib/cni', '/opt/cni/bin'],
});

/** Checks what a node needs of a machine. Returns the folder of the CNI plugins. @throws RequirementsError */
export async function requirements(machine = thisMachine()): Promise<string> {
  const missing: string[] = [];
  const packages = new Set<string>();
  if (machine.platform !== 'linux') missing.push('Linux');
  else if (machine.user !== 0) missing.push('root: namespaces, cgroups and network links are made (sudo --preserve-env=PATH make cluster)');
  for (const [program, from] of Object.entries(programs)) {
    if (await isThere(machine.programs.map((folder) => join(folder, program)))) continue;
    missing.push(`the program ${program}`);
    packages.add(from);
  }
  const cni = machine.cni.find((folder) => cniPlugins.every((plugin) => existsSync(join(folder, plugin))));
  if (cni === undefined) {
    missing.push(`the CNI plugins ${cniPlugins.join(', ')} in ${machine.cni.join(' or ')}`);
    packages.add('containernetworking-plugins');
  }
  if (missing.length > 0 || cni === undefined) throw new RequirementsError(missing, [...packages]);
  return cni;
}

async function isThere(files: readonly string[]): Promise<boolean> {
  const found = await Promise.all(files.map((file) => access(file, constants.X_OK).then(() => true, () => false)));
  return found.includes(true);
}
