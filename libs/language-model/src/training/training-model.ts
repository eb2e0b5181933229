import { InferenceSession, Tensor } from 'onnxruntime-node';
import { tensorShapes } from '../config/tensor-shapes.ts';
import type { WeightTensor } from '../weights/weight-tensor.ts';
import { momentsOf } from './optimizer-moments.ts';
import type { PackedBatch } from './pack-batch.ts';
import { runsReference } from './policy-gradient-loss.ts';
import { metric, next, ofReference, trainingGraph } from './training-graph.ts';
import { TrainingDivergedError } from './training-diverged-error.ts';
import { TrainingInputError } from './training-input-error.ts';
import type { LearningRates, OptimizerOptions, StepResult, TrainingObjective, TrainingOptions, TrainingState } from './training-session.ts';

/** The training graph's session with its weights and moments in this thread's memory. `step` blocks the thread while it runs. */
export class TrainingModel {
  readonly #session: InferenceSession;
  readonly #optimizer: OptimizerOptions;
  /** Weights and moments by name: fed without a copy, replaced by a step's results. */
  readonly #tensors: Map<string, Tensor>;
  readonly #weightNames: readonly string[];
  /** The frozen model's weights as the graph's inputs; none where it is not run. */
  readonly #reference: Readonly<Record<string, Tensor>>;
  #steps = 0;

  private constructor(session: InferenceSession, options: TrainingOptions<TrainingObjective>) {
    this.#session = session;
    this.#optimizer = options.optimizer ?? {};
    const shapes = [...tensorShapes(options.config)];
    this.#weightNames = shapes.map(([name]) => name);
    this.#tensors = new Map(
      shapes.flatMap(([name, shape]) => [
        [name, copyOf(options.tensors, name, shape)] as const,
        ...momentsOf({ name, shape }, this.#optimizer).map((moment) => [moment, zeros(shape)] as const),
      ]),
    );
    this.#reference = referenceInputs(options, this.#tensors);
  }

  static async create(options: TrainingOptions<TrainingObjective>): Promise<TrainingModel> {
    const { config, objective, policyGradient, optimizer = {}, threads } = options;
    const { bytes } = trainingGraph({ config, objective, policyGradient, optimizer });
    const session = await InferenceSession.create(bytes, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      // Denormal numbers, on which Intel processors are slow, were 4 to 7 % of a small model's step.
      extra: { session: { set_denormal_as_zero: '1' } },
    });
    return new TrainingModel(session, options);
  }

  async step(batch: PackedBatch, rates: LearningRates): Promise<Pick<StepResult, 'loss' | 'gradientNorm' | 'metrics'>> {
    const { betas: [first, second] = [0.9, 0.98] } = this.#optimizer.adamW ?? {};
    const count = this.#steps + 1;
    const results = await this.#session.run({
      ...Object.fromEntries(this.#tensors),
      ...this.#reference,
      ...vectors('int64', batch.integers),
      ...vectors('float32', batch.numbers),
      normalizer: scalar(batch.normalizer),
      'adamW.rate': scalar(rates.adamW),
      'adamW.first': scalar(1 - first ** count),
      'adamW.second': scalar(1 - second ** count),
      ...(this.#optimizer.muon === undefined ? {} : { 'muon.rate': scalar(rates.muon ?? rates.adamW) }),
    });
    const loss = only(results['loss']);
    const gradientNorm = only(results['gradientNorm']);
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) throw new TrainingDivergedError(loss, gradientNorm);
    for (const name of this.#tensors.keys()) {
      const replacement = results[`${name}${next}`];
      if (replacement !== undefined) this.#tensors.set(name, replacement);
    }
    this.#steps = count;
    return { loss, gradientNorm, metrics: metricsOf(results) };
  }

  exportTensors(): ReadonlyMap<string, WeightTensor> {
    return new Map(this.#weightNames.map((name) => [name, this.#copy(name)]));
  }

  exportState(): TrainingState {
    return { step: this.#steps, tensors: new Map(this.#tensors.keys().map((name) => [name, this.#copy(name)])) };
  }

  importState({ step, tensors }: TrainingState): void {
    const replacements = [...this.#tensors].map(([name, { dims }]) => [name, copyOf(tensors, name, dims)] as const);
    for (const [name, tensor] of replacements) this.#tensors.set(name, tensor);
    this.#steps = step;
  }

  async release(): Promise<void> {
    await this.#session.release();
  }

  #copy(name: string): WeightTensor {
    const tensor = this.#tensors.get(name);
    return { shape: tensor?.dims ?? [], data: Float32Array.from(numbersOf(tensor)) };
  }
}

/** The reference model's inputs. Where it is the model that the session starts from, both share their tensors: a step replaces them. */
function referenceInputs(
  { config, objective, policyGradient, reference }: TrainingOptions<TrainingObjective>,
  start: ReadonlyMap<string, Tensor>,
): Readonly<Record<string, Tensor>> {
  if (objective !== 'policyGradient' || policyGradient === undefined || !runsReference(policyGradient)) return {};
  const inputs: Record<string, Tensor> = {};
  for (const [name, shape] of tensorShapes(config)) {
    const tensor = reference === undefined ? start.get(name) : copyOf(reference, name, shape, 'reference ');
    if (tensor !== undefined) inputs[`${ofReference}${name}`] = tensor;
  }
  return inputs;
}

const metricsOf = (results: InferenceSession.OnnxValueMapType): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(results).flatMap(([name, tensor]) => (name.startsWith(metric) ? [[name.slice(metric.length), only(tensor)]] : [])),
  );

const scalar = (value: number): Tensor => new Tensor('float32', Float32Array.of(value), []);

const vectors = (type: 'int64' | 'float32', named: Readonly<Record<string, BigInt64Array | Float32Array>>) =>
  Object.fromEntries(Object.entries(named).map(([name, data]) => [name, new Tensor(type, data, [data.length])]));

const zeros = (shape: readonly number[]): Tensor =>
  new Tensor('float32', new Float32Array(shape.reduce((count, length) => count * length, 1)), shape);

function copyOf(tensors: ReadonlyMap<string, WeightTensor>, name: string, shape: readonly number[], whose = ''): Tensor {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new TrainingInputError(`${whose}tensor '${name}' is missing`);
  if (tensor.shape.join() !== shape.join())
    throw new TrainingInputError(`${whose}tensor '${name}' is [${tensor.shape.join(', ')}], the model has [${shape.join(', ')}]`);
  return new Tensor('float32', Float32Array.from(tensor.data), shape);
}

function numbersOf(tensor: Tensor | undefined): Float32Array {
  if (tensor?.data instanceof Float32Array) return tensor.data;
  throw new TypeError('a weight or result of the training graph is not fp32');
}

const only = (tensor: Tensor | undefined): number => numbersOf(tensor)[0] ?? NaN;
