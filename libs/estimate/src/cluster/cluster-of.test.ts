import type { TrainingRunSpec } from '@grm/resources';
import { describe, expect, it, test } from 'vitest';
import { base, data } from '../testing/estimated.ts';
import { specified } from '../testing/published.ts';
import { clusterOf } from './cluster-of.ts';

describe('the devices', () => {
  const pool = { gpuProduct: 'NVIDIA-A100-SXM4-80GB', gpusPerNode: 4 };
  const spec = (more: object): TrainingRunSpec => specified({ base, data, stages: { grpo: {} }, ...more }).spec;

  it.each([
    ['threads of the CPU', {}, {}, ['cpu', 2, 2]],
    ['nodes of the pool', { engine: { distributed: { nodes: 16 } }, nodePool: pool }, {}, ['A100-80GB', 64, 4]],
    ['one node of the pool', { nodePool: pool }, {}, ['A100-80GB', 4, 4]],
    ['what is asked for', { nodePool: pool }, { device: 'H200-141GB', count: 24 }, ['H200-141GB', 24, 4]],
    ['a CPU in place of the pool', { nodePool: pool }, { device: 'cpu' }, ['cpu', 2, 2]],
    ['one GPU where nobody says how many', {}, { device: 'L40S-48GB' }, ['L40S-48GB', 1, 8]],
  ] as const)('are %s', (_, more, options, expected) => {
    const { device, count, devicesPerNode } = clusterOf(spec(more), options);
    expect([device.name, count, devicesPerNode]).toEqual(expected);
  });

  test('of an unknown name, or of none, are refused', () => {
    expect(() => clusterOf(spec({}), { device: 'TPU' })).toThrow('no device is called TPU; known are cpu, A100-40GB');
    expect(() => clusterOf(spec({ engine: { distributed: { nodes: 2 } } }))).toThrow('add nodePool');
    expect(() => clusterOf(spec({}), { device: 'A100-80GB', gigaflops: 5 })).toThrow('--gflops is for --device cpu');
  });
});
