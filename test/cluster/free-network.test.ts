import type { NetworkInterfaceInfo } from 'node:os';
import { expect, it } from 'vitest';
import { freeNetwork } from './free-network.ts';

const link = (address: string): NetworkInterfaceInfo => ({ address, netmask: '255.255.255.0', family: 'IPv4', mac: '00:00:00:00:00:00', internal: false, cidr: `${address}/24` });

it('takes the first network that no link has', () => {
  expect(freeNetwork({ lo: [link('127.0.0.1')] })).toEqual({ address: '10.99.0.1', outside: '10.99.0.254' });
  expect(freeNetwork({ lo: [link('127.0.0.1')], one: [link('10.99.0.254')], other: [link('10.99.2.254')] })).toEqual({ address: '10.99.1.1', outside: '10.99.1.254' });
});

it('says so when all are taken', () => {
  const all = Object.fromEntries(Array.from({ length: 256 }, (_, number) => [`link${number}`, [link(`10.99.${number}.254`)]]));
  expect(() => freeNetwork(all)).toThrow('Every network 10.99.0.0/24 to 10.99.255.0/24 is taken');
});
