import { instantEngine, openEmbeddedEngine } from '@grm/engine';
import { drawJudgements, type DrawRequest } from '@grm/judging';
import { loadCheckpoint } from '@grm/language-model';
import { nanobenchItems } from '@grm/preferences';
import type { DrawingPolicy } from '@grm/trainer';
import { rolloutGround } from '../../support/index.ts';
import { repositoryFile } from '../../support/repository-file.ts';
import { alternate, median } from '../alternate.ts';
import type { Benchmark, BenchContext, BenchResult } from '../benchmark.ts';

/** Of one request, as a step of GRPO makes them: groups of judgements of a few items. */
const ITEMS = 8;
const GROUP = 4;
const REQUESTS = 8;
const JUDGEMENTS = REQUESTS * ITEMS * GROUP;
const HOPS = 400;
const POLICIES = 10;

export const rolloutsSamplers: Benchmark = {
  name: 'rollouts.samplers',
  about: "nano-judge's judgements a second by a run's samplers, one thread each, against an engine in the trainer's process with as many threads",
  run: async (context) => [await against(1, context), await against(2, context)],
};

export const rolloutsHop: Benchmark = {
  name: 'rollouts.hop',
  about: 'what the queue adds to a task of 32 judgements, and what a new policy costs before anybody draws',
  run: async ({ signal }) => {
    const policy = await nanoJudge();
    await using run = await rolloutGround();
    const rollouts = await run.rollouts();
    await run.sampler({ GRM_ENGINE: 'instant' });
    await rollouts.use(policy);
    await using engine = instantEngine();
    const overQueue: number[] = [];
    const here: number[] = [];
    for (const request of requestsOf(HOPS)) {
      overQueue.push(await timeOf(() => rollouts.draw([request], { signal })));
      here.push(await timeOf(() => drawJudgements(engine, request, signal)));
    }
    const announcements: number[] = [];
    const firstAnswers: number[] = [];
    const [request] = requestsOf(1);
    if (request === undefined) throw new Error('no request');
    for (let step = 1; step <= POLICIES; step++) {
      const next = learnt(policy, step);
      announcements.push(await timeOf(() => rollouts.use(next)));
      firstAnswers.push(await timeOf(() => rollouts.draw([request], { signal })));
    }
    const figure = (name: string, value: number, note: string): BenchResult => ({ name, value, unit: 'ms', baseline: null, ratio: null, note });
    const bytes = [...policy.tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
    return [
      figure('rollouts.hop', median(overQueue) - median(here), `median of ${HOPS} tasks of ${ITEMS * GROUP} judgements one after the other, an engine that answers at once, less the same calls in one process`),
      figure('rollouts.announce', median(announcements), `median of ${POLICIES} policies of ${(bytes / 2 ** 20).toFixed(1)} MiB, until a sampler may draw with it`),
      figure('rollouts.fetch', median(firstAnswers) - median(overQueue), 'what the first task by a new policy takes longer: the sampler fetches, checks and reads it'),
    ];
  },
};

async function against(samplers: number, context: BenchContext): Promise<BenchResult> {
  const { rounds, signal } = context;
  const policy = await nanoJudge();
  const requests = requestsOf(REQUESTS);
  await using run = await rolloutGround();
  const rollouts = await run.rollouts();
  for (let i = 0; i < samplers; i++) await run.sampler();
  await rollouts.use(policy);
  await using engine = await openEmbeddedEngine({ model: { ...policy, name: 'nano-judge', revision: 'here' }, kind: 'generate', threads: 1, workers: samplers });
  const bySamplers = async () => rate(await timeOf(() => rollouts.draw(requests, { signal })));
  const here = async () => rate(await timeOf(() => Promise.all(requests.map((request) => drawJudgements(engine, request, signal)))));
  const measured = await alternate(rounds, bySamplers, here);
  context.report(`${samplers} samplers: ${measured.value.toFixed(0)} judgements/s, in one process ${measured.baseline.toFixed(0)}`);
  return {
    name: `rollouts.samplers.${samplers}`,
    ...measured,
    unit: 'judgements/s',
    note: `${JUDGEMENTS} judgements in ${REQUESTS} requests of ${ITEMS} items, at most 192 tokens; against an engine of ${samplers} workers in the trainer's process; one thread each`,
  };
}

const rate = (ms: number): number => (JUDGEMENTS * 1000) / ms;

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function requestsOf(count: number): DrawRequest[] {
  const items = nanobenchItems({ split: 'train', seed: 5 });
  return Array.from({ length: count }, (_, request) => ({
    items: Array.from({ length: ITEMS }, (_unused, item) => {
      const { value } = items.next();
      if (value === undefined) throw new Error('nanobench has no more items');
      const samples = Array.from({ length: GROUP }, (_none, index) => ({ index, seed: (request * ITEMS + item) * GROUP + index }));
      return { input: { conversation: value.conversation, responses: value.responses }, samples };
    }),
    template: 'compact',
    temperature: 1,
    maxTokens: 192,
  }));
}

async function nanoJudge(): Promise<DrawingPolicy> {
  const { config, tensors, tokenizer } = await loadCheckpoint(repositoryFile('models/nano-judge'));
  return { config, tensors, tokenizer: tokenizer.json };
}

/** The policy some steps later. */
function learnt(policy: DrawingPolicy, step: number): DrawingPolicy {
  return { ...policy, tensors: new Map([...policy.tensors].map(([name, { shape, data }]) => [name, { shape, data: data.map((weight) => weight * (1 + step * 1e-3)) }])) };
}
