import { networkInterfaces } from 'node:os';

export interface ClusterNetwork {
  /** The node's address. */
  readonly address: string;
  /** That of the network which the cluster is brought up from. */
  readonly outside: string;
}

/** A network 10.99.n.0/24 that no link of this machine has. @throws Error when all are taken */
export function freeNetwork(links = networkInterfaces()): ClusterNetwork {
  const taken = new Set(Object.values(links).flatMap((addresses) => addresses ?? []).map(({ address }) => address.split('.').slice(0, 3).join('.')));
  for (let number = 0; number < 256; number++) {
    const network = `10.99.${number}`;
    if (!taken.has(network)) return { address: `${network}.1`, outside: `${network}.254` };
  }
  throw new Error('Every network 10.99.0.0/24 to 10.99.255.0/24 is taken by a link of this machine (ip address)');
}
