import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { grmctl, temporaryFolder } from '../support/index.ts';
import { repositoryFile } from '../support/repository-file.ts';

const folder = await temporaryFolder();
afterAll(async () => {
  await grmctl(folder.path, 'local', 'down');
  await folder[Symbol.asyncDispose]();
});

const manifest = (name: string, replicas: number): string => `apiVersion: grm.dev/v1alpha1
kind: GRMTrainingRun
metadata: {name: ${name}}
spec:
  base: {volume: {path: ${repositoryFile('models/nano-judge')}}}
  data:
    - {name: pairs, builtin: nanobench}
  stages:
    rft: {items: 12, samplesPerItem: 2, hintedSamplesPerItem: 1, maxTokens: 96, batchSize: 8, steps: 2, learningRate: 1e-4}
    grpo: {groupSize: 4, batchSize: 16, steps: 2, maxTokens: 96, learningRate: 1e-5}
  rollouts: {replicas: ${replicas}, threads: 1}
  engine: {embedded: {threads: 1}}
`;

it('a run whose judgements two samplers draw ends with the very policy of a trainer that draws them itself', async () => {
  await mkdir(join(folder.path, 'runs'));
  for (const [name, replicas] of [['alone', 0], ['helped', 2]] as const) await writeFile(join(folder.path, 'runs', `${name}.yaml`), manifest(name, replicas));
  const up = await grmctl(folder.path, 'local', 'up', '-f', 'runs', '--nats-port', '0', '--timeout', '200s');
  expect(up).toMatchObject({ code: 0 });
  const fileOf = (run: string, file: string) => readFile(join(folder.path, '.grm/runs/default', run, file));
  const [alone, helped] = [await fileOf('alone', 'artifacts/policy/model.safetensors'), await fileOf('helped', 'artifacts/policy/model.safetensors')];
  expect(Buffer.compare(alone, helped)).toBe(0);
  expect(Buffer.compare(alone, await readFile(repositoryFile('models/nano-judge/model.safetensors')))).not.toBe(0);
  const logs = await Promise.all([0, 1].map((replica) => grmctl(folder.path, 'local', 'logs', `helped-rollouts-${replica}`)));
  expect(logs.map(({ output }) => output.includes('sampler is up'))).toEqual([true, true]);
});
