import type { JudgeRequest } from '@grm/client';
import { nanobenchItems, seededRandom } from '@grm/preferences';

export interface SteadyRequest {
  readonly id: string;
  readonly request: JudgeRequest;
  /** Pause before it, ms: exponential, so that requests come as those of many independent users do. */
  readonly afterMs: number;
  /** Ask again under the same id this long after, ms, whatever has become of the first. */
  readonly repeatAfterMs?: number;
}

/** Share of the requests that are asked again. */
const repeated = 0.05;
/** Longer than any pause that a user would not get up in. */
const longestGaps = 5;

/** The steady load: equal seeds give equal requests at equal times, however many are taken. @param rate requests a second, on average */
export function* steadyRequests({ seed, rate }: { readonly seed: number; readonly rate: number }): Generator<SteadyRequest, void, undefined> {
  const random = seededRandom(seed);
  const meanMs = 1000 / rate;
  let number = 0;
  for (const { conversation, responses } of nanobenchItems({ split: 'test', seed })) {
    number += 1;
    yield {
      id: `soak-${seed}-${number}`,
      request: {
        conversation: [...conversation],
        responses: [...responses],
        sampling: { samples: random.pick([2, 4, 8, 8]), seed: random.integer(0, 2 ** 31 - 1), stopping: random.pick(['Never', 'Exact']) },
        detail: random.chance(0.25) ? 'judgements' : 'scores',
      },
      afterMs: Math.min(longestGaps, -Math.log(1 - random.unit())) * meanMs,
      ...(random.chance(repeated) ? { repeatAfterMs: random.integer(0, 4_000) } : {}),
    };
  }
}
