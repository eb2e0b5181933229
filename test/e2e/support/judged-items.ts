import type { JudgeClient, JudgeRequest } from '@grm/client';
import { accuracyReport, creditOf, type JudgedItem, type NanobenchItem, nanobenchItems } from '@grm/preferences';
import { waitUntil } from '@grm/controller-runtime/testing';
import { type RequestPump, startRequestPump } from '../../support/request-pump.ts';

/** Held-out items, the same in every run. */
export function heldOutItems(count: number, seed = 20): NanobenchItem[] {
  return [...nanobenchItems({ split: 'test', seed, count })];
}

const items = heldOutItems(500);

/** A request for one of the items, by its number. */
export function requestFor(index: number, samples = 8): JudgeRequest {
  const item = items[index % items.length];
  if (item === undefined) throw new Error('nanobench gave no item');
  return { conversation: [...item.conversation], responses: [...item.responses], sampling: { samples, seed: index } };
}

export interface LoadOptions {
  /** Requests under way at once. Default 2. */
  readonly concurrency?: number;
  /** Judgements of each. Default 4. */
  readonly samples?: number;
}

/** Keeps requests under way until it is stopped, as a team outside of the cluster sends them. */
export function steadyLoad(team: JudgeClient, { concurrency = 2, samples = 4 }: LoadOptions = {}): RequestPump {
  return startRequestPump(team, { concurrency, request: (index) => requestFor(index, samples), timeoutMs: 60_000 });
}

/** Waits until the load has had so many verdicts more: it goes on meanwhile. */
export async function moreVerdicts(load: RequestPump, count = 4): Promise<void> {
  const before = load.verdicts.size;
  await waitUntil(() => load.verdicts.size >= before + count, { what: `${count} more verdicts (${load.failures.length} requests have failed)`, withinMs: 90_000 });
}

/** Share of items that the service judges right, several at a time. */
export async function accuracyOf(team: JudgeClient, asked: readonly NanobenchItem[], concurrency = 4): Promise<number> {
  const judged: JudgedItem[] = [];
  const queue = asked.entries();
  const work = async () => {
    for (const [seed, item] of queue) {
      const { scores } = await team.judge({ conversation: [...item.conversation], responses: [...item.responses], sampling: { samples: 8, seed } }, { timeoutMs: 100_000 });
      judged.push({ category: item.category, responses: item.responses.length, credit: creditOf(scores, item.best, item.responses.length) });
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return accuracyReport(judged).accuracy;
}
