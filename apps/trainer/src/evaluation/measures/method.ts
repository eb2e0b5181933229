import type { VoteRule } from '@grm/spct';

/** How samples become a verdict: plain sums, weighted by the meta RM's probability, or sums of its better half (the published cut). */
export const scalingRules = ['vote', 'meta', 'filter'] as const;
export type ScalingRule = (typeof scalingRules)[number];

export const voteRuleOf: Readonly<Record<ScalingRule, VoteRule>> = { vote: { kind: 'sum' }, meta: { kind: 'weight' }, filter: { kind: 'filter' } };

/** One way of judging an item. */
export interface Method {
  /** `greedy`, `vote@8`, `greedy+reference`. */
  readonly name: string;
  readonly rule: 'greedy' | ScalingRule;
  /** k: samples of one verdict. */
  readonly samples: number;
  /** The judge sees the item's reference answer. */
  readonly referenceShown: boolean;
}

export const greedy: Method = { name: 'greedy', rule: 'greedy', samples: 1, referenceShown: false };
export const scaled = (rule: ScalingRule, samples: number): Method => ({ name: `${rule}@${samples}`, rule, samples, referenceShown: false });
const withReference = (method: Method): Method => ({ ...method, name: `${method.name}+reference`, referenceShown: true });

/** Most samples of a vote with the reference shown: it is there to be set beside vote@8, and costs as much again. */
const mostReferenceSamples = 8;

export const referenceSamplesOf = (samples: readonly number[]): number => Math.min(mostReferenceSamples, Math.max(...samples));

/** Ways of judging with so many samples, without the reference; of one sample every rule makes the same verdict, so that only the vote is listed. */
export function methodsOf(samples: readonly number[], { metaRM }: { readonly metaRM: boolean }): Method[] {
  const ks = [...new Set(samples)].toSorted((a, b) => a - b);
  const several = ks.filter((k) => k > 1);
  return [
    greedy,
    ...ks.map((k) => scaled('vote', k)),
    ...(metaRM ? (['meta', 'filter'] as const).flatMap((rule) => several.map((k) => scaled(rule, k))) : []),
  ];
}

/** Ways of judging with the reference shown, each beside its twin without. */
export function referenceMethodsOf(samples: readonly number[]): { readonly shown: Method; readonly plain: Method }[] {
  return [greedy, scaled('vote', referenceSamplesOf(samples))].map((plain) => ({ shown: withReference(plain), plain }));
}

/** k of a scaling curve: the powers of two up to the largest, and the largest. */
export function curveSamplesOf(samples: readonly number[]): number[] {
  const most = Math.max(...samples);
  const powers = Array.from({ length: Math.floor(Math.log2(most)) + 1 }, (_, exponent) => 2 ** exponent);
  return [...new Set([...powers, most])];
}
