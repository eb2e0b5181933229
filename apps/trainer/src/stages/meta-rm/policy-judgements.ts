import { join } from 'node:path';
import type { MetaRMStage } from '@grm/resources';
import { readItems, type ItemSplit } from '../../items/read-items.ts';
import { reportUnlabelled } from '../../items/report-unlabelled.ts';
import { drawWith } from '../../judgements/draw-with.ts';
import { judgementsOf, type Judgement } from '../../judgements/judgement.ts';
import { requestsOf, type AskedRequest } from '../../judgements/requests-of.ts';
import { readDrawnFile } from '../../judgements/drawn-file.ts';
import { streamSeed } from '../../run/seed-streams.ts';
import type { StageContext } from '../../run/stage.ts';
import { drawnFileName, rftRequests } from '../rft/rft-requests.ts';

const itemsPerRequest = 16;

/** Items of the dev split that the finished head is measured on, as a share of the training items, within bounds. */
const devItems = (items: number): number => Math.min(300, Math.max(20, Math.round(items / 5)));

export interface SampledJudgements {
  readonly train: readonly Judgement[];
  /** Of items that no stage trains on. */
  readonly dev: readonly Judgement[];
}

/** The policy's own judgements. Undefined where the run was stopped. */
export async function policyJudgements(context: StageContext, stage: MetaRMStage, policyFolder: string): Promise<SampledJudgements | undefined> {
  const { spec, stop, tools } = context;
  const requestsFor = async (split: ItemSplit, count: number, samples: 'metaSamples' | 'metaDevSamples'): Promise<AskedRequest[]> => {
    const { items, unlabelled } = await readItems(spec.data, { split, count, seed: streamSeed(spec.seed, 'metaItems') }, stop);
    reportUnlabelled({ items: items.length, unlabelled }, context);
    const { temperature, maxTokens, samplesPerItem } = stage;
    return requestsOf(items, { spec, temperature, maxTokens, samplesPerItem, seed: streamSeed(spec.seed, samples), itemsPerRequest });
  };
  const [train, dev] = [await requestsFor('train', stage.items, 'metaSamples'), await requestsFor('dev', devItems(stage.items), 'metaDevSamples')];
  const requests = [...train, ...dev];
  await using rollouts = await tools.openRollouts(stop);
  const answers = await drawWith(requests, { context, rollouts, model: policyFolder, file: drawnFileName, metric: 'drawnRequests' });
  if (answers === undefined) return undefined;
  const judged = answers.map((answer, index) => judgementsOf(requests[index]?.asked ?? [], answer.judgements).flat());
  return { train: judged.slice(0, train.length).flat(), dev: judged.slice(train.length).flat() };
}

/** The judgements that the run's rft stage drew without a hint, right and wrong ones; none where there was no such stage. */
export async function rftJudgements(context: StageContext): Promise<readonly Judgement[]> {
  const { spec, stop } = context;
  const { rft } = spec.stages;
  if (rft === undefined || rft.kept !== undefined) return [];
  const { requests } = await rftRequests(spec, rft, stop);
  const file = await readDrawnFile(join(context.folderOf('rft'), drawnFileName), requests);
  return requests.flatMap(({ asked }, index) => judgementsOf(asked, file?.get(index)?.judgements ?? []).flat()).filter(({ hinted }) => !hinted);
}
