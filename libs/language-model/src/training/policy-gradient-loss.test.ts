import { GraphBuilder, encodeModel, gradients } from '@grm/tensor-graph';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { policyGradientLoss } from './policy-gradient-loss.ts';
import type { PolicyGradientOptions } from './training-session.ts';

interface Token {
  readonly current: number;
  readonly old: number;
  readonly reference: number;
  readonly advantage: number;
  readonly weight: number;
}

/** The graph's sums, and the loss's gradient by each token's log-probability. */
async function here(tokens: readonly Token[], options: PolicyGradientOptions) {
  const g = new GraphBuilder();
  const vector = (name: string) => g.input(name, 'float32', ['tokens']);
  const current = vector('current');
  const policy = { current, old: vector('old'), reference: vector('reference'), advantages: vector('advantage'), weights: vector('weight') };
  const { loss, ratio, clipped, kl } = policyGradientLoss(g, policy, options);
  for (const [name, value] of Object.entries({ loss, ratio, clipped, kl })) if (value !== undefined) g.output(name, value);
  gradients(g, loss, [current]).forEach((gradient) => g.output('gradient', gradient));
  const session = await InferenceSession.create(encodeModel(g).bytes);
  const fed = (name: keyof Token) => new Tensor('float32', Float32Array.from(tokens, (token) => token[name]), [tokens.length]);
  const feeds = { current: fed('current'), old: fed('old'), reference: fed('reference'), advantage: fed('advantage'), weight: fed('weight') };
  const results = await session.run(feeds);
  await session.release();
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, Array.from(data, Number)]));
}

/** Equation 3's summand and equation 4 in double precision. */
function lossOf({ current, old, reference, advantage, weight }: Token, { clip, klCoefficient }: PolicyGradientOptions): number {
  const ratio = Math.exp(current - old);
  const within = Math.min(Math.max(ratio, 1 - clip), 1 + clip);
  const kl = Math.exp(reference - current) - (reference - current) - 1;
  return weight * (klCoefficient * kl - Math.min(ratio * advantage, within * advantage));
}

function slopeOf(token: Token, options: PolicyGradientOptions): number {
  const [above, below] = [1e-5, -1e-5].map((step) => lossOf({ ...token, current: token.current + step }, options));
  return ((above ?? NaN) - (below ?? NaN)) / 2e-5;
}

const options = { clip: 0.2, klCoefficient: 0.08 };
const token = (change: Partial<Token>): Token => ({ current: -1, old: -1, reference: -1, advantage: 1, weight: 0.25, ...change });

describe("a token's clipped policy gradient", () => {
  it.each([
    ['within the range, rewarded', token({ old: -1.1 }), options],
    ['within the range, punished', token({ old: -0.9, advantage: -1.5 }), options],
    ['rewarded enough', token({ old: -1.5, reference: -0.7 }), options],
    ['rewarded, but less likely than it was', token({ old: -0.5, reference: -1.6 }), options],
    ['punished enough', token({ old: -0.5, advantage: -2 }), options],
    ['punished, but likelier than it was', token({ old: -1.5, advantage: -2 }), options],
    ['far from the reference, of no advantage', token({ reference: -3, advantage: 0 }), options],
    ['without a penalty', token({ reference: -3, old: -0.9 }), { clip: 0.2, klCoefficient: 0, reportKl: true }],
  ])('%s, is the slope of its loss', async (_, one, settings) => {
    const { loss, gradient } = await here([one], settings);
    expect(loss?.[0]).toBeCloseTo(lossOf(one, settings), 5);
    expect(gradient?.[0]).toBeCloseTo(slopeOf(one, settings), 5);
  });

  it('is none where the ratio has left the range on the side of the advantage and there is no penalty', async () => {
    const settings = { clip: 0.2, klCoefficient: 0 };
    const tokens = [token({ old: -1.5 }), token({ old: -0.5, advantage: -1 }), token({ old: -0.5 }), token({ old: -1.5, advantage: -1 })];
    const { gradient = [], clipped } = await here(tokens, settings);
    expect(gradient.map((slope) => slope !== 0)).toEqual([false, false, true, true]);
    expect(clipped).toEqual([4]);
  });

  it('is that of the log-probability times the advantage where the policy itself drew the token', async () => {
    const { gradient, ratio, clipped } = await here([token({ old: NaN, advantage: 3 })], { clip: 0.2, klCoefficient: 0 });
    expect(gradient).toEqual([-0.25 * 3]);
    expect([ratio, clipped]).toEqual([[1], [0]]);
  });
});

describe('the divergence from the reference', () => {
  it('is estimated by q / p - log(q / p) - 1, weighted', async () => {
    const { kl } = await here([token({ reference: -1.5 }), token({ reference: -0.5, weight: 2 }), token({})], options);
    expect(kl?.[0]).toBeCloseTo(0.25 * (Math.exp(-0.5) + 0.5 - 1) + 2 * (Math.exp(0.5) - 0.5 - 1), 5);
  });
});
