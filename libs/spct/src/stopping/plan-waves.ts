import { keepOf } from '../vote/weigh-samples.ts';
import type { VoteRule } from '../vote/vote-rule.ts';
import type { StoppingMode } from './stopping.ts';

/**
 * Sizes of the waves in which k samples are drawn; between waves one looks whether to stop. Depends on the request
 * alone, so that the same request draws the same samples wherever it runs.
 *
 * `Never` draws all at once. `Exact` first draws as many as it takes before any lead can be enough (more than half of k;
 * under the filter all but half of what is kept), since earlier looks would only cost time, and then an eighth of k, two at
 * least. `Confident` starts with three sixteenths of k, four at least: of 32 samples six, the fewest whose clear leads can be
 * enough; under the filter with nine, as long as it is open which samples will be kept. It goes on in smaller waves, a
 * tenth of k, two at least, since what it draws beyond need is the rest of a wave.
 * A lone response has no lead that could be enough: all at once.
 */
export function planWaves({ samples, stopping, rule, responses = 2 }: { samples: number; stopping: StoppingMode; rule: VoteRule; responses?: number }): number[] {
  if (responses < 2) return [samples];
  const step = Math.max(2, Math.round(samples / (stopping === 'Confident' ? 10 : 8)));
  const waves = [firstWave(samples, stopping, rule)];
  for (let left = samples - (waves[0] ?? 0); left > 0; left -= step) waves.push(Math.min(step, left));
  return waves;
}

function firstWave(samples: number, stopping: StoppingMode, rule: VoteRule): number {
  switch (stopping) {
    case 'Never':
      return samples;
    case 'Exact':
      return Math.min(samples, rule.kind === 'filter' ? samples - Math.ceil(keepOf(rule, samples) / 2) + 1 : Math.floor(samples / 2) + 1);
    case 'Confident':
      return Math.min(samples, Math.max(4, Math.round(((rule.kind === 'filter' ? 9 : 3) * samples) / 16)));
  }
}
