import type { StoppingReplay } from '@grm/protocol';
import { decideStop, planWaves, vote, type VoteRule, type VoteSample } from '@grm/spct';
import { votingSamples } from './verdicts-of.ts';
import { scalingRules, voteRuleOf } from './method.ts';
import type { SuitePart } from './suite-part.ts';

const modes = ['Exact', 'Confident'] as const;

/**
 * What early stopping would have saved and changed: the waves of a service, replayed on the samples that were drawn. Verdicts are
 * those of items with several responses and a judgement that counts; ties are broken as a service would, by a seed.
 */
export function replayStopping({ suite, measure, items }: SuitePart, { metaRM }: { readonly metaRM: boolean }): StoppingReplay[] {
  const asked = items[0]?.samples.length ?? 0;
  if (measure !== 'accuracy' || asked < 2) return [];
  return modes.flatMap((mode) =>
    (metaRM ? scalingRules : (['vote'] as const)).map((rule) => {
      const replays = items.flatMap(({ item, samples }, seed) => {
        const question = { samples: countingSamples(votingSamples(samples), voteRuleOf[rule]), asked, responses: item.responses.length, rule: voteRuleOf[rule], mode, seed };
        return question.samples.length === 0 ? [] : [replay(question)];
      });
      const drawn = replays.reduce((sum, one) => sum + one.drawn, 0);
      const changed = replays.filter((one) => one.changed).length;
      return { suite, mode, rule, asked, verdicts: replays.length, meanDrawn: replays.length === 0 ? 0 : drawn / replays.length, changed };
    }),
  );
}

/** Without a logit a sample takes no part where one is needed. */
const countingSamples = (samples: readonly VoteSample[], rule: VoteRule): VoteSample[] =>
  samples.filter(({ metaLogit }) => rule.kind === 'sum' || metaLogit !== undefined);

interface ReplayQuestion {
  readonly samples: readonly VoteSample[];
  readonly asked: number;
  readonly responses: number;
  readonly rule: VoteRule;
  readonly mode: (typeof modes)[number];
  readonly seed: number;
}

function replay({ samples, asked, responses, rule, mode, seed }: ReplayQuestion): { readonly drawn: number; readonly changed: boolean } {
  let settled = 0;
  for (const wave of planWaves({ samples: asked, stopping: mode, rule, responses })) {
    settled += wave;
    const soFar = samples.filter(({ index }) => index < settled);
    if (soFar.length > 0 && decideStop({ mode, samples: soFar, settled, asked, responses, rule }).stop) break;
  }
  const winner = (of: readonly VoteSample[]): number => vote({ samples: of, responses, rule, seed, asked }).best;
  return { drawn: settled, changed: winner(samples.filter(({ index }) => index < settled)) !== winner(samples) };
}
