import type { GraphBuilder, Value } from '@grm/tensor-graph';
import type { PolicyGradientOptions } from './training-session.ts';

/** Of each token that has a weight, [tokens]. */
export interface PolicyTokens {
  /** Log-probabilities under the policy in training, in nats. */
  readonly current: Value;
  /** Under the policy that drew the tokens; NaN: the same as `current`. */
  readonly old: Value;
  /** Under the frozen reference model, where it is run. */
  readonly reference: Value | undefined;
  readonly advantages: Value;
  readonly weights: Value;
}

/** Scalars: the weighted sum of the losses, and sums over the tokens, that of the divergence weighted. */
export interface PolicyGradientSums {
  readonly loss: Value;
  readonly ratio: Value;
  readonly clipped: Value;
  readonly kl: Value | undefined;
}

/** Whether the graph runs the reference model. */
export const runsReference = ({ klCoefficient, reportKl = false }: PolicyGradientOptions): boolean =>
  klCoefficient > 0 || reportKl;

/** The loss of `PolicyGradientOptions`, differentiable by `current`. */
export function policyGradientLoss(
  g: GraphBuilder,
  { current, old, reference, advantages, weights }: PolicyTokens,
  { clip, klCoefficient }: PolicyGradientOptions,
): PolicyGradientSums {
  const sum = (values: Value) => g.reduceSum(values, [0]);
  const drawn = g.where(g.isNaN(old), g.stopGradient(current), old);
  const ratio = g.exp(g.sub(current, drawn));
  const [lowest, highest] = [1 - clip, 1 + clip];
  const within = g.min(g.max(ratio, lowest), highest);
  const gains = g.min(g.mul(ratio, advantages), g.mul(within, advantages));
  const outside = g.or(g.less(ratio, lowest), g.greater(ratio, highest));
  const policy = { ratio: sum(ratio), clipped: sum(g.cast(outside, 'float32')) };
  if (reference === undefined) return { ...policy, loss: g.neg(sum(g.mul(gains, weights))), kl: undefined };
  const lead = g.sub(reference, current);
  const divergence = g.sub(g.sub(g.exp(lead), lead), 1);
  const losses = klCoefficient === 0 ? g.neg(gains) : g.sub(g.mul(divergence, klCoefficient), gains);
  return { ...policy, loss: sum(g.mul(losses, weights)), kl: sum(g.mul(divergence, weights)) };
}
