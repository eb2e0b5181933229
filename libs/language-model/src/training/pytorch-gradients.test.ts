import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { modelTypes } from '../config/decoder-config.ts';
import type { DecoderConfig } from '../config/decoder-config.ts';
import { tensorShapes } from '../config/tensor-shapes.ts';
import { packBatch } from './pack-batch.ts';
import { TrainingModel } from './training-model.ts';
import type { TrainingObjective, TrainingOptions, TrainingStep } from './training-session.ts';

const folder = fileURLToPath(new URL('testing/', import.meta.url));

const caseSchema = z.object({
  name: z.string(),
  config: z.object({
    modelType: z.enum(modelTypes),
    vocabularySize: z.number(),
    hiddenSize: z.number(),
    intermediateSize: z.number(),
    layers: z.number(),
    attentionHeads: z.number(),
    keyValueHeads: z.number(),
    headSize: z.number(),
    rmsNormEpsilon: z.number(),
    ropeTheta: z.number(),
    tiedEmbeddings: z.boolean(),
    attentionBias: z.boolean(),
    queryKeyNorm: z.boolean(),
  }),
  loss: z.number(),
  gradients: z.record(z.string(), z.array(z.number())),
});

const rolloutSchema = z
  .object({
    tokens: z.array(z.number()),
    weights: z.array(z.number()),
    advantage: z.number(),
    oldLogProbabilities: z.array(z.nullable(z.number())).optional(),
  })
  .transform(({ oldLogProbabilities: old, ...row }) => (old === undefined ? row : { ...row, oldLogProbabilities: old.map((x) => x ?? NaN) }));

const fixtureSchema = z.object({
  torch: z.string(),
  cases: z.array(caseSchema),
  policyGradient: caseSchema.extend({
    rows: z.array(rolloutSchema),
    options: z.object({ clip: z.number(), klCoefficient: z.number() }),
    metrics: z.record(z.string(), z.number()),
  }),
});

type Case = z.infer<typeof caseSchema>;

const fixture = fixtureSchema.parse(JSON.parse(readFileSync(join(folder, 'pytorch-gradients.json'), 'utf8')));

/** The formulas of pytorch_gradients.py. */
const rows = [7, 5, 6].map((length, row) => ({
  tokens: Array.from({ length }, (_, i) => (3 * row + 5 * i + i * i) % 11),
  weights: Array.from({ length }, (_, i) => 0.25 * ((row + i) % 4)),
}));

function fill(name: string, shape: readonly number[], amplitude = 0.6) {
  const phase = Array.from(name).reduce((sum, character) => sum + character.charCodeAt(0), 0) % 97;
  const count = shape.reduce((product, length) => product * length, 1);
  const data = Float32Array.from({ length: count }, (_, i) => amplitude * Math.sin(1.7 * i + 0.1 * phase) + (name.includes('norm') ? 1 : 0));
  return { shape, data };
}

interface Named {
  readonly name: string;
  readonly actual: ArrayLike<number>;
  readonly expected: readonly number[];
}

/** Tensors of which some gradient is off by more than this share of the tensor's largest. */
const beyond = (tolerance: number, tensors: readonly Named[]) =>
  tensors
    .map(({ name, actual, expected }) => ({ name, error: relativeError(actual, expected) }))
    .filter(({ error }) => !(error < tolerance));

function relativeError(actual: ArrayLike<number>, expected: readonly number[]): number {
  const scale = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((value, index) => Math.abs((actual[index] ?? NaN) - value))) / scale;
}

const configOf = (shape: Case['config']): DecoderConfig => ({
  ...shape,
  head: 'language',
  maxPositions: 16,
  bosTokenId: null,
  eosTokenIds: [],
  padTokenId: null,
});

const tensorsOf = (config: DecoderConfig, amplitude?: number) =>
  new Map([...tensorShapes(config)].map(([name, dims]) => [name, fill(name, dims, amplitude)]));

async function gradientsHere<Objective extends TrainingObjective>(
  options: Pick<TrainingOptions<Objective>, 'config' | 'objective' | 'policyGradient' | 'reference'>,
  rowsHere: TrainingStep<Objective>['microBatches'][number],
  pieceTokens: number,
) {
  const { config, objective } = options;
  // With a first moment that forgets at once and no clipping, the moment is the gradient.
  const optimizer = { clipNorm: 1e9, adamW: { betas: [0, 0.5] as const } };
  const model = await TrainingModel.create({ ...options, tensors: tensorsOf(config), optimizer, threads: 1 });
  const step = { microBatches: [rowsHere], learningRates: { adamW: 0 } };
  const { loss, metrics } = await model.step(packBatch(config, objective, step, pieceTokens), step.learningRates);
  const state = model.exportState();
  await model.release();
  const gradients = [...tensorShapes(config).keys()].map((name) => [name, state.tensors.get(`${name}#first`)?.data ?? []] as const);
  return { loss, metrics, gradients: new Map(gradients) };
}

/** The tensors, and the loss, that are off by too much. */
function deviations(here: Awaited<ReturnType<typeof gradientsHere>>, { loss, gradients }: Case) {
  const tensors = Object.entries(gradients).map(([name, expected]) => ({ name, expected, actual: here.gradients.get(name) ?? [] }));
  return [...beyond(1e-5, [{ name: 'loss', actual: [here.loss], expected: [loss] }]), ...beyond(1e-4, tensors)];
}

const pieces = [
  ['one piece', 100],
  ['pieces of different sizes', 12],
] as const;

describe.each(fixture.cases)("a two-layer $name decoder's loss and gradients", (expected) => {
  it.each(pieces)('agree with PyTorch in %s', async (_, pieceTokens) => {
    const config = configOf(expected.config);
    const here = await gradientsHere({ config, objective: 'crossEntropy' }, rows, pieceTokens);
    expect(deviations(here, expected)).toEqual([]);
    expect([...here.gradients.keys()].toSorted()).toEqual(Object.keys(expected.gradients).toSorted());
  });
});

describe("a policy gradient's loss, metrics and gradients, clipped and not, for both signs of the advantage", () => {
  it.each(pieces)('agree with PyTorch in %s', async (_, pieceTokens) => {
    const { policyGradient: expected } = fixture;
    const config = configOf(expected.config);
    const options = { config, objective: 'policyGradient', policyGradient: expected.options, reference: tensorsOf(config, 0.55) } as const;
    const here = await gradientsHere(options, expected.rows, pieceTokens);
    expect(deviations(here, expected)).toEqual([]);
    expect(Object.keys(here.metrics).toSorted()).toEqual(Object.keys(expected.metrics).toSorted());
    for (const [name, value] of Object.entries(expected.metrics)) expect(here.metrics[name]).toBeCloseTo(value, 6);
  });
});

describe("the fixture's figures", () => {
  const python = [join(homedir(), '.cache/grm-torch/bin/python'), 'python3'].find(canImportTorch);

  it('are what PyTorch gives today', (context) => {
    if (python === undefined) {
      process.stdout.write('PyTorch gradients: not recomputed, no python with torch (python3, ~/.cache/grm-torch)\n');
      return context.skip('no python with torch');
    }
    const output = execFileSync(python, [join(folder, 'pytorch_gradients.py')], { encoding: 'utf8', timeout: 50_000 });
    const today = fixtureSchema.parse(JSON.parse(output));
    expect(today.cases.map(({ name }) => name)).toEqual(fixture.cases.map(({ name }) => name));
    const all = ({ cases, policyGradient }: typeof fixture) => [...cases, policyGradient];
    const stored = all(fixture);
    const tensors = all(today).flatMap(({ gradients }, index) =>
      Object.entries(stored[index]?.gradients ?? {}).map(([name, expected]) => ({ name, expected, actual: gradients[name] ?? [] })),
    );
    expect(beyond(1e-6, tensors)).toEqual([]);
  });
});

function canImportTorch(python: string): boolean {
  if (python.includes('/') && !existsSync(python)) return false;
  try {
    execFileSync(python, ['-c', 'import torch'], { stdio: 'ignore', timeout: 30_000 });
    return true;
  } catch {
    return false;
  }
}
