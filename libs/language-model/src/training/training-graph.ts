import type { EncodedModel, Value } from '@grm/tensor-graph';
import { encodeModel, GraphBuilder, gradients } from '@grm/tensor-graph';
import type { DecoderConfig } from '../config/decoder-config.ts';
import { tensorShapes } from '../config/tensor-shapes.ts';
import { rotaryTables } from '../decoder/rotary.ts';
import { adamW, clipByGlobalNorm, muon } from './optimizers.ts';
import { microBatchLoss, type Targets } from './micro-batch-loss.ts';
import { momentsOf, optimizerOf } from './optimizer-moments.ts';
import { runsReference } from './policy-gradient-loss.ts';
import type { OptimizerOptions, PolicyGradientOptions, TrainingObjective } from './training-session.ts';

export interface TrainingGraphOptions {
  readonly config: DecoderConfig;
  readonly objective: TrainingObjective;
  readonly policyGradient?: PolicyGradientOptions | undefined;
  readonly optimizer: OptimizerOptions;
}

/** Suffix of an output that replaces the input of the same name. */
export const next = '.next';
/** Prefix of an input that is a weight of the frozen reference model. */
export const ofReference = 'reference.';
/** Prefix of an output that is one of the step's metrics. */
export const metric = 'metric.';

/**
 * One optimiser step as one model. Inputs, beside each weight and moment under its own name:
 * tokens int64 [total], offsets int64 [batches + 1] into it, rows int64 [batches];
 * positions int64 [places] at which the head is read, counted from the micro-batch's first token, positionOffsets int64 [batches + 1]
 * into it, weights [places];
 * crossEntropy: targets int64 [places];
 * binaryCrossEntropy: labels [places];
 * policyGradient: targets int64 [places], advantages [places], oldLogProbabilities [places] with NaN for the policy's own, and the
 * reference model's weights under `reference.<name>` where it is run;
 * normalizer, adamW.rate, muon.rate, adamW.first and adamW.second (1 - beta^step): scalars.
 * Outputs: loss, gradientNorm, `metric.<name>`, and each weight and moment with `.next`.
 * Micro-batches are trips of a Loop that carries the summed gradients, so only the step's results cross the session's boundary.
 */
export function trainingGraph(options: TrainingGraphOptions): EncodedModel {
  const { config, optimizer } = options;
  const g = new GraphBuilder('training');
  const shapes = [...tensorShapes(config)];
  const weights = new Map(shapes.map(([name, shape]) => [name, g.input(name, 'float32', shape)]));
  const parameters = [...weights.values()];
  const { loss, metrics, sums } = accumulate(g, options, weights);
  const { scaled, norm } = clipByGlobalNorm(g, sums, optimizer.clipNorm ?? 1);
  g.output('loss', loss);
  g.output('gradientNorm', norm);
  for (const [name, value] of Object.entries(metrics)) g.output(`${metric}${name}`, value);

  const moments = (value: Value) =>
    momentsOf(value, optimizer).map((name) => g.input(name, 'float32', value.shape));
  const updates = parameters.map((weight, index) => {
    const gradient = scaled[index];
    if (gradient === undefined) throw new RangeError(`no gradient for ${weight.name}`);
    return { weight, gradient, moments: moments(weight), optimizer: optimizerOf(weight, optimizer) };
  });
  const results = [
    ...adamW(g, updates.filter((update) => update.optimizer === 'adamW'), optimizer.adamW ?? {}),
    ...muon(g, updates.filter((update) => update.optimizer === 'muon'), optimizer.muon ?? {}),
  ];
  for (const { weight, weightNext, moments: old, momentsNext } of results) {
    g.output(`${weight.name}${next}`, weightNext);
    for (const [index, moment] of old.entries()) {
      const replacement = momentsNext[index];
      if (replacement !== undefined) g.output(`${moment.name}${next}`, replacement);
    }
  }
  return encodeModel(g);
}

/** Loss and gradients summed over the micro-batches, both divided by the normalizer; metrics as means. */
function accumulate(
  g: GraphBuilder,
  options: TrainingGraphOptions,
  weights: ReadonlyMap<string, Value>,
): { readonly loss: Value; readonly metrics: Readonly<Record<string, Value>>; readonly sums: readonly Value[] } {
  const { config } = options;
  const batchInputs = {
    tokens: g.input('tokens', 'int64', ['total']),
    offsets: g.input('offsets', 'int64', ['batches+1']),
    rows: g.input('rows', 'int64', ['batches']),
    positions: g.input('positions', 'int64', ['places']),
    positionOffsets: g.input('positionOffsets', 'int64', ['batches+1']),
  };
  const targetInputs = targetsOf(g, options);
  const normalizer = g.input('normalizer', 'float32', []);
  const tables = rotaryTables(config, config.maxPositions);
  const shape = [config.maxPositions, config.headSize / 2] as const;
  const rotary = {
    cosines: g.constant('float32', shape, tables.cosines),
    sines: g.constant('float32', shape, tables.sines),
  };
  const parameters = [...weights.values()];
  const names = metricsOf(targetInputs);
  const { carried } = g.loop(
    {
      trips: g.squeeze(g.op('Shape', [batchInputs.rows]), [0]),
      carried: [g.scalar(0), ...names.map(() => g.scalar(0)), ...parameters.map((weight) => g.fill(weight.shape, 0))],
    },
    (body, { iteration, carried: before }) => {
      const batch = microBatchLoss(body, { config, parameters: weights, rotary, iteration, ...batchInputs, ...targetInputs });
      const loss = body.div(batch.loss, normalizer);
      const terms = [loss, ...names.map((name) => batch.metrics[name] ?? body.scalar(0)), ...gradients(body, loss, parameters)];
      return { carried: terms.map((term, index) => body.add(before[index] ?? 0, term)) };
    },
  );
  const [loss, ...others] = carried;
  if (loss === undefined) throw new RangeError('the loop carries the loss');
  const places = g.cast(g.op('Size', [batchInputs.positions]), 'float32');
  const means = names.map((name, index) => {
    const total = name === 'kl' ? g.reduceSum(targetInputs.weights, [0]) : places;
    return [name, g.div(others[index] ?? 0, total)] as const;
  });
  return { loss, metrics: Object.fromEntries(means), sums: others.slice(names.length) };
}

const metricsOf = (targets: Targets): readonly string[] =>
  targets.objective === 'policyGradient' ? ['ratio', 'clipped', ...(targets.reference === undefined ? [] : ['kl'])] : [];

function targetsOf(g: GraphBuilder, { config, objective, policyGradient }: TrainingGraphOptions): Targets {
  const numbers = (name: string) => g.input(name, 'float32', ['places']);
  const weights = numbers('weights');
  if (objective === 'binaryCrossEntropy') return { objective, weights, labels: numbers('labels') };
  const targets = g.input('targets', 'int64', ['places']);
  if (objective === 'crossEntropy') return { objective, weights, targets };
  if (policyGradient === undefined) throw new RangeError('policyGradient needs its options');
  const [advantages, oldLogProbabilities] = [numbers('advantages'), numbers('oldLogProbabilities')];
  const frozen = (name: string, dims: readonly number[]) => [name, g.input(`${ofReference}${name}`, 'float32', dims)] as const;
  const reference = runsReference(policyGradient)
    ? new Map([...tensorShapes(config)].map(([name, dims]) => frozen(name, dims)))
    : undefined;
  return { objective, weights, targets, advantages, oldLogProbabilities, reference, options: policyGradient };
}
