import { createHash } from 'node:crypto';
import { PromptTooLongError, type Engine } from '@grm/engine';
import { drawJudgements, type DrawnJudgement, type DrawRequest } from '@grm/judging';
import { parseJudgement, sampleSeed, templateByName, toCallerOrder, type Prompt, type TemplateName } from '@grm/spct';
import { inputOf, type TrainingItem } from '../../items/training-item.ts';
import type { ScoredJudgement } from './item-judgements.ts';

/** How a judge is asked. */
export interface Asking {
  readonly template: TemplateName;
  /** False: without criteria of its own. */
  readonly principles: boolean;
  /** Of the samples. */
  readonly temperature: number;
  readonly maxTokens: number;
  /** Unsigned 32-bit. */
  readonly seed: number;
}

export interface Judges {
  readonly policy: Pick<Engine, 'generate'>;
  readonly metaRM?: Pick<Engine, 'score'>;
}

/** So many judgements of each of these items. */
export interface ItemsDraw {
  readonly items: readonly TrainingItem[];
  readonly greedy: boolean;
  readonly samples: number;
  readonly referenceShown: boolean;
}

/** An item's own seed: it is judged alike whatever else is in its suite. */
const itemSeed = (seed: number, id: string): number => sampleSeed(seed, createHash('sha256').update(id).digest().readUInt32LE(0));

function requestOf({ items, greedy, samples, referenceShown }: ItemsDraw, { template, principles, temperature, maxTokens, seed }: Asking): DrawRequest {
  return {
    items: items.map((item) => ({
      input: inputOf(item, { referenceGuided: referenceShown }),
      samples: Array.from({ length: samples }, (_, index) => ({ index, seed: sampleSeed(itemSeed(seed, item.id), index) })),
    })),
    template,
    principles,
    temperature: greedy ? 0 : temperature,
    maxTokens,
  };
}

/**
 * The judgements of each item. An item that is longer than the judge can read has none that can be read. The meta RM is asked of
 * samples that can be read, without a reference, as a vote needs it.
 * @throws the signal's reason, what engines throw
 */
export async function drawOnce(draw: ItemsDraw, asking: Asking, judges: Judges, signal: AbortSignal): Promise<ScoredJudgement[][]> {
  try {
    const { judgements } = await drawJudgements(judges.policy, requestOf(draw, asking), signal);
    const read = draw.items.map((item, index) => (judgements[index] ?? []).map((judgement) => readJudgement(item, judgement)));
    if (judges.metaRM === undefined || draw.greedy || draw.referenceShown) return read.map((of) => of.map(({ scored }) => scored));
    return await withLogits(draw.items, read, asking, judges.metaRM, signal);
  } catch (error) {
    if (!(error instanceof PromptTooLongError)) throw error;
    const [item, ...others] = draw.items;
    if (item !== undefined && others.length === 0) return [Array.from({ length: draw.samples }, () => ({ scores: null, tokens: 0 }))];
    const alone: ScoredJudgement[][] = [];
    for (const one of draw.items) alone.push(...(await drawOnce({ ...draw, items: [one] }, asking, judges, signal)));
    return alone;
  }
}

interface ReadJudgement {
  readonly drawn: DrawnJudgement;
  readonly scored: ScoredJudgement;
}

function readJudgement({ responses }: TrainingItem, drawn: DrawnJudgement): ReadJudgement {
  const parsed = parseJudgement(drawn.text, responses.length);
  return { drawn, scored: { scores: parsed.valid ? toCallerOrder(parsed.scores, drawn.order) : null, tokens: drawn.tokens.length } };
}

async function withLogits(
  items: readonly TrainingItem[],
  read: readonly (readonly ReadJudgement[])[],
  { template, principles }: Asking,
  metaRM: Pick<Engine, 'score'>,
  signal: AbortSignal,
): Promise<ScoredJudgement[][]> {
  const { renderMeta } = templateByName(template);
  const asked = items.flatMap((item, index) =>
    (read[index] ?? []).filter(({ scored }) => scored.scores !== null).map((judgement) => ({
      judgement,
      prompt: renderMeta(inputOf(item, { referenceGuided: false }), judgement.drawn.order, judgement.drawn.text, { principles }),
    })),
  );
  const logits = await logitsOf(asked.map(({ prompt }) => prompt), metaRM, signal);
  const byJudgement = new Map(asked.map(({ judgement }, index) => [judgement, logits[index]]));
  return read.map((of) =>
    of.map((judgement) => {
      const metaLogit = byJudgement.get(judgement);
      return metaLogit === undefined || !Number.isFinite(metaLogit) ? judgement.scored : { ...judgement.scored, metaLogit };
    }),
  );
}

/** Undefined for a judgement that is longer than the meta RM can read. */
async function logitsOf(prompts: readonly Prompt[], metaRM: Pick<Engine, 'score'>, signal: AbortSignal): Promise<(number | undefined)[]> {
  if (prompts.length === 0) return [];
  try {
    return [...(await metaRM.score(prompts, signal))];
  } catch (error) {
    if (!(error instanceof PromptTooLongError)) throw error;
    if (prompts.length === 1) return [undefined];
    const alone: (number | undefined)[] = [];
    for (const prompt of prompts) alone.push(...(await logitsOf([prompt], metaRM, signal)));
    return alone;
  }
}
