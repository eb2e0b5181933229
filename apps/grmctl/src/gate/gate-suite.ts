import { nanobenchItems, type PreferenceItem } from '@grm/preferences';
import { defaults, type JudgeRequest, type Verdict } from '@grm/protocol';

/** Suites that a gate knows; both are generated, so that a gate needs no file. */
export const gateSuites = ['nanobench', 'nanobench-single'] as const;
export type GateSuite = (typeof gateSuites)[number];

/** What is judged, and which pick is right. */
export interface GateItem extends Pick<PreferenceItem, 'conversation' | 'responses' | 'reference'> {
  readonly right: number;
}

/** No verdict could be given. */
export const noPick = -1;

/**
 * The first `count` items of a suite's test split.
 * @throws RangeError when the suite has not so many different ones
 */
export function gateItems(suite: GateSuite, count: number, seed: number): GateItem[] {
  const options = { split: 'test', seed, count } as const;
  if (suite === 'nanobench') return [...nanobenchItems(options)].map((item) => ({ ...item, right: item.best }));
  return [...nanobenchItems({ ...options, single: true })].map((item) => ({ ...item, right: item.label }));
}

/** Only a seed is asked for: samples, temperature and vote are the service's own, as for those who will ask it. */
export function gateRequest({ conversation, responses, reference }: GateItem, seed: number): JudgeRequest {
  return {
    conversation: conversation.map(({ role, content }) => ({ role, content })),
    responses: [...responses],
    ...(reference === undefined ? {} : { reference }),
    sampling: { seed },
  };
}

/** What a verdict chooses: the best response; of a response that stands alone 1 where it is good enough to be given as an answer, else 0. */
export function pickOf({ responses }: GateItem, { best, meanScores }: Verdict): number {
  if (responses.length > 1) return best;
  return (meanScores[0] ?? 0) >= defaults.answer.threshold ? 1 : 0;
}
