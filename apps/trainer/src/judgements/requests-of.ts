import type { DrawRequest, ItemToJudge } from '@grm/judging';
import type { TrainingRunSpec } from '@grm/resources';
import { sampleSeed } from '@grm/spct';
import { templateNameOf } from '../run/template-name.ts';
import { inputOf, type TrainingItem } from '../items/training-item.ts';

export interface DrawingOptions {
  readonly spec: Pick<TrainingRunSpec, 'template' | 'principles' | 'referenceGuided'>;
  readonly temperature: number;
  readonly maxTokens: number;
  readonly samplesPerItem: number;
  /** Judgements drawn with the best response named; only of items that have one among several. */
  readonly hintedSamplesPerItem?: number;
  /** Unsigned 32-bit. Item i's samples have seeds derived from this and i. */
  readonly seed: number;
  /** Of the first item. */
  readonly firstIndex?: number;
  readonly itemsPerRequest: number;
}

/** One item's judgements of one kind, as the request asks for them. */
export interface AskedItem {
  readonly item: TrainingItem;
  readonly hinted: boolean;
}

/** A request and what its items stand for. */
export interface AskedRequest {
  readonly request: DrawRequest;
  readonly asked: readonly AskedItem[];
}

/**
 * The requests that draw judgements of items: the cut depends on the items alone, so that the same judgements come whoever draws.
 * An item's hinted judgements have seeds of their own.
 */
export function requestsOf(items: readonly TrainingItem[], options: DrawingOptions): AskedRequest[] {
  const { spec, temperature, maxTokens, itemsPerRequest, firstIndex = 0 } = options;
  return Array.from({ length: Math.ceil(items.length / itemsPerRequest) }, (_, request) => {
    const start = request * itemsPerRequest;
    const wanted = items.slice(start, start + itemsPerRequest).flatMap((item, index) => askedOf(item, firstIndex + start + index, options));
    return {
      asked: wanted.map(({ item, hinted }) => ({ item, hinted })),
      request: { items: wanted.map(({ ask }) => ask), template: templateNameOf(spec.template), principles: spec.principles, temperature, maxTokens },
    };
  }).filter(({ asked }) => asked.length > 0);
}

function askedOf(item: TrainingItem, index: number, options: DrawingOptions): (AskedItem & { readonly ask: ItemToJudge })[] {
  const { spec, samplesPerItem, hintedSamplesPerItem = 0, seed } = options;
  const itemSeed = sampleSeed(seed, index);
  const input = inputOf(item, spec);
  const samples = (count: number, from: number) => Array.from({ length: count }, (_, sample) => ({ index: from + sample, seed: sampleSeed(itemSeed, from + sample) }));
  const plain = samplesPerItem === 0 ? [] : [{ item, hinted: false, ask: { input, samples: samples(samplesPerItem, 0) } }];
  if (hintedSamplesPerItem === 0 || !('best' in item.truth)) return plain;
  return [...plain, { item, hinted: true, ask: { input, samples: samples(hintedSamplesPerItem, samplesPerItem), hint: item.truth.best } }];
}
