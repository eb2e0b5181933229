import type { GraphBuilder, Value } from '@grm/tensor-graph';
import { dimensionAt } from '@grm/tensor-graph';
import type { DecoderConfig } from '../config/decoder-config.ts';
import { causalAttention, causalMask } from '../decoder/causal-attention.ts';
import type { DecoderParts } from '../decoder/decoder.ts';
import { decode, embed, languageHead, scalarHead } from '../decoder/decoder.ts';
import type { RotaryValues } from '../decoder/rotary.ts';
import { rotate } from '../decoder/rotary.ts';
import { policyGradientLoss } from './policy-gradient-loss.ts';
import type { PolicyGradientOptions } from './training-session.ts';

type Parameters = ReadonlyMap<string, Value>;

/** What is learnt at the places where the head is read, one element a place. */
export type Targets =
  | { readonly objective: 'crossEntropy'; readonly targets: Value; readonly weights: Value }
  | { readonly objective: 'binaryCrossEntropy'; readonly labels: Value; readonly weights: Value }
  | {
      readonly objective: 'policyGradient';
      readonly targets: Value;
      readonly weights: Value;
      readonly advantages: Value;
      readonly oldLogProbabilities: Value;
      /** The frozen model's weights, where it is run. */
      readonly reference: Parameters | undefined;
      readonly options: PolicyGradientOptions;
    };

interface Shared {
  readonly config: DecoderConfig;
  readonly parameters: Parameters;
  readonly rotary: RotaryValues;
  /** int64 scalar: which micro-batch. */
  readonly iteration: Value;
  readonly tokens: Value;
  readonly offsets: Value;
  readonly rows: Value;
  readonly positions: Value;
  readonly positionOffsets: Value;
}

/** Scalars of one micro-batch. */
export interface MicroBatchSums {
  /** Weighted loss, summed over its tokens or rows. */
  readonly loss: Value;
  /** Sums over its places, a divergence weighted. */
  readonly metrics: Readonly<Record<string, Value>>;
}

export function microBatchLoss(g: GraphBuilder, batch: Shared & Targets): MicroBatchSums {
  const { iteration } = batch;
  const cut = (values: Value, bounds: Value) =>
    g.slice(values, 0, element(g, bounds, iteration), element(g, bounds, g.add(iteration, 1)));
  const perPlace = (values: Value) => g.withShape(cut(values, batch.positionOffsets), ['read']);
  const shape = g.concat([element(g, batch.rows, iteration), g.integers(-1)], 0);
  const tokens = g.withShape(g.op('Reshape', [cut(batch.tokens, batch.offsets), shape]), ['batch', 'time']);
  const positions = perPlace(batch.positions);
  const weights = perPlace(batch.weights);
  const mask = causalMask(g, 'time');
  /** A model's parts, and its last hidden states [read, hidden] where the head is read. */
  const run = (parameters: Parameters) => {
    const parts = trainingParts(g, { ...batch, parameters }, mask);
    // Rows [batch * time, hidden] all the way: every product is one of plain matrices, and so is its gradient.
    const hidden = decode(parts, g.flattenRows(embed(parts, tokens)), (states) => g.gatherDistinct(states, positions));
    return { parts, hidden };
  };
  const { parts, hidden } = run(batch.parameters);
  if (batch.objective === 'binaryCrossEntropy') {
    const labels = perPlace(batch.labels);
    const logits = g.reshape(scalarHead(parts, hidden), ['read']);
    // -log p of the label: softplus(x) - label * x (both classes, stable for any logit)
    const costs = g.sub(g.softplus(logits), g.mul(labels, logits));
    return { loss: g.reduceSum(g.mul(costs, weights), [0]), metrics: {} };
  }
  const targets = g.unsqueeze(perPlace(batch.targets), [1]);
  const logProbabilities = (model: typeof parts, states: Value) =>
    g.squeeze(g.gatherElements(g.logSoftmax(languageHead(model, states)), targets, 1), [1]);
  const current = logProbabilities(parts, hidden);
  if (batch.objective === 'crossEntropy') return { loss: g.neg(g.reduceSum(g.mul(current, weights), [0])), metrics: {} };
  const frozen = batch.reference === undefined ? undefined : run(batch.reference);
  const { loss, kl, ...metrics } = policyGradientLoss(
    g,
    {
      current,
      old: perPlace(batch.oldLogProbabilities),
      reference: frozen === undefined ? undefined : logProbabilities(frozen.parts, frozen.hidden),
      advantages: perPlace(batch.advantages),
      weights,
    },
    batch.options,
  );
  return { loss, metrics: kl === undefined ? metrics : { ...metrics, kl } };
}

/** Element of an int64 vector as a vector of one. */
const element = (g: GraphBuilder, values: Value, index: Value): Value =>
  g.gather(values, g.unsqueeze(index, [0]), 0);

function trainingParts(g: GraphBuilder, { config, parameters, rotary }: Shared, mask: Value): DecoderParts {
  const weight = (name: string): Value => {
    const value = parameters.get(name);
    if (value === undefined) throw new RangeError(`the model has no tensor '${name}'`);
    return value;
  };
  const positions = g.integers(0);
  return {
    graph: g,
    config,
    weight,
    project: (x, modules) =>
      modules.map((module) => g.linear(x, weight(`${module}.weight`), parameters.get(`${module}.bias`))),
    attend: (_, { query, key, value }) => {
      const byRow = (rows: Value) => g.reshape(rows, ['batch', 'time', dimensionAt(rows.shape, -1)]);
      const turned = (rows: Value) => rotate(g, byRow(rows), config.headSize, { ...rotary, positions });
      const heads = { query: turned(query), key: turned(key), value: byRow(value) };
      return g.flattenRows(causalAttention(g, config, heads, mask));
    },
  };
}
