import type { Template } from '@grm/resources';
import type { Device } from '../cluster/device.ts';
import type { Assumptions } from './assumptions.ts';

/** What the standard values depend on. */
export interface AssumptionContext {
  readonly template: Template;
  readonly kind: Device['kind'];
  /** Of the model, in tokens. */
  readonly contextLength: number;
}

/** What an assumption bears on. It matters to a run that has something of the kind. */
export const CONCERNS = ['judging', 'documents', 'metaRM', 'kept', 'training', 'drawing', 'memory'] as const;
export type Concern = (typeof CONCERNS)[number];

export interface AssumptionEntry {
  /** Command-line option. */
  readonly option: string;
  readonly concerns: Concern;
  /** Of the option's value: whole tokens or sequences, a factor, a share of 1, milliseconds (seconds in `Assumptions`). */
  readonly unit: 'count' | 'factor' | 'share' | 'milliseconds';
  /** Bounds of the option's value. */
  readonly least: number;
  readonly most: number;
  readonly meaning: string;
  /** Where the standard value is from. */
  readonly source: (context: AssumptionContext) => string;
  /** In the unit of `Assumptions`. */
  readonly standard: (context: AssumptionContext) => number;
}

const published = <Value>({ template }: AssumptionContext, value: Value, compact: Value): Value => (template === 'Published' ? value : compact);
const gpu = <Value>({ kind }: AssumptionContext, value: Value, cpu: Value): Value => (kind === 'gpu' ? value : cpu);

const COUNT = { unit: 'count', least: 1, most: 1_000_000 } as const;
const SHARE = { unit: 'share', least: 0.001, most: 1 } as const;
const NANOBENCH = 'nanobench, measured';

/** Every assumption: its option, what it means, its standard value and why. */
export const ASSUMPTIONS: { readonly [Name in keyof Assumptions]: AssumptionEntry } = {
  promptTokens: {
    option: '--prompt-tokens',
    concerns: 'judging',
    ...COUNT,
    meaning: 'mean prompt of the judge: template, conversation, responses',
    // Skywork-Reward-Preference-80K: 5,364 bytes a pair with its query twice (dataset card); the template has 3,248 characters.
    source: (context) => published(context, '750 of template, 1,250 of a pair of Skywork-Reward-Preference-80K', NANOBENCH),
    standard: (context) => published(context, 2000, 30),
  },
  metaPromptTokens: {
    option: '--meta-prompt-tokens',
    concerns: 'metaRM',
    ...COUNT,
    meaning: 'what the meta RM reads before the judgement',
    source: (context) => published(context, 'the prompt without its instructions', NANOBENCH),
    standard: (context) => published(context, 1250, 30),
  },
  judgementTokens: {
    option: '--judgement-tokens',
    concerns: 'judging',
    ...COUNT,
    meaning: 'mean judgement',
    // Mean of the four RewardBench categories after reinforcement learning.
    source: (context) => published(context, 'arXiv 2504.02495, figure 7', NANOBENCH),
    standard: (context) => published(context, 280, 44),
  },
  longestJudgement: {
    option: '--longest-judgement',
    concerns: 'drawing',
    unit: 'factor',
    least: 1,
    most: 1000,
    meaning: 'longest judgement of a round, in means: a round waits for it',
    source: (context) => published(context, 'a guess', NANOBENCH),
    standard: () => 2,
  },
  documentTokens: {
    option: '--document-tokens',
    concerns: 'documents',
    ...COUNT,
    meaning: 'mean document of a corpus, row of general instruction data',
    // Its dataset card: 2.914 GB in 939,343 rows.
    source: (context) => published(context, 'Tulu 3 SFT mixture, 3,102 bytes a row', NANOBENCH),
    standard: (context) => published(context, 750, 69),
  },
  longestRow: {
    option: '--longest-row',
    concerns: 'training',
    ...COUNT,
    meaning: 'longest row of training, decides the activations',
    source: ({ contextLength }) => (contextLength <= 4096 ? "the model's context" : 'a guess'),
    standard: ({ contextLength }) => Math.min(contextLength, 4096),
  },
  padding: {
    option: '--padding',
    concerns: 'training',
    ...SHARE,
    least: 0,
    most: 0.9,
    meaning: 'padding among the tokens of a batch',
    source: () => 'rows of like length together, as the trainer lays them',
    standard: () => 0.05,
  },
  keptShare: {
    option: '--kept-share',
    concerns: 'kept',
    ...SHARE,
    meaning: 'judgements that rft keeps of those it draws',
    source: () => 'nanobench: 3,882 of 10,000',
    standard: () => 0.4,
  },
  trainingUtilisation: {
    option: '--training-utilisation',
    concerns: 'training',
    ...SHARE,
    meaning: 'of the peak FLOP/s in training (MFU)',
    source: (context) => gpu(context, 'Llama 3 reports 0.38 to 0.43, arXiv 2407.21783', 'train.gemm-peak of `make bench`'),
    standard: (context) => gpu(context, 0.4, 0.5),
  },
  generationUtilisation: {
    option: '--generation-utilisation',
    concerns: 'drawing',
    ...SHARE,
    meaning: 'of the peak FLOP/s in prompts and decoding',
    source: (context) => gpu(context, 'a guess', 'fits decode.* of `make bench`'),
    standard: (context) => gpu(context, 0.4, 0.5),
  },
  bandwidthUtilisation: {
    option: '--bandwidth-utilisation',
    concerns: 'drawing',
    ...SHARE,
    meaning: 'of the memory bandwidth in decoding',
    source: (context) => gpu(context, 'a guess', 'the bandwidth is a measured one'),
    standard: (context) => gpu(context, 0.6, 1),
  },
  stepOverhead: {
    option: '--step-overhead',
    concerns: 'drawing',
    unit: 'milliseconds',
    least: 0,
    most: 1000,
    meaning: 'of one decoding step: launches, all-reduces, scheduling',
    source: (context) => gpu(context, 'a guess', 'nano-judge, measured'),
    standard: (context) => gpu(context, 0.005, 0.002),
  },
  generationBatch: {
    option: '--generation-batch',
    concerns: 'drawing',
    ...COUNT,
    meaning: 'most sequences that one copy of the model decodes at once',
    source: (context) => gpu(context, "vLLM's default", 'what the trainer asks for in one call'),
    standard: (context) => gpu(context, 256, 64),
  },
  usableMemory: {
    option: '--usable-memory',
    concerns: 'memory',
    ...SHARE,
    meaning: "of a device's memory that is planned with",
    source: () => 'room for fragments',
    standard: (context) => gpu(context, 0.95, 0.9),
  },
};

/** The standard values, those that are given in their place. */
export function assume(context: AssumptionContext, given: Partial<Assumptions> = {}): Assumptions {
  const of = (name: keyof Assumptions): number => given[name] ?? ASSUMPTIONS[name].standard(context);
  return {
    promptTokens: of('promptTokens'),
    metaPromptTokens: of('metaPromptTokens'),
    judgementTokens: of('judgementTokens'),
    longestJudgement: of('longestJudgement'),
    documentTokens: of('documentTokens'),
    longestRow: of('longestRow'),
    padding: of('padding'),
    keptShare: of('keptShare'),
    trainingUtilisation: of('trainingUtilisation'),
    generationUtilisation: of('generationUtilisation'),
    bandwidthUtilisation: of('bandwidthUtilisation'),
    stepOverhead: of('stepOverhead'),
    generationBatch: of('generationBatch'),
    usableMemory: of('usableMemory'),
  };
}

/** One assumption as an estimate was made with it. */
export interface Assumed extends Pick<AssumptionEntry, 'option' | 'unit' | 'meaning'> {
  /** In the option's unit. */
  readonly value: number;
  /** Where the value is from; `given` where it is not the standard one. */
  readonly source: string;
}

/** Those that matter to a run with these concerns. */
export function describeAssumptions(assumptions: Assumptions, context: AssumptionContext, concerns: ReadonlySet<Concern>): Assumed[] {
  const values = new Map<string, number>(Object.entries(assumptions));
  const entries = Object.entries(ASSUMPTIONS).filter(([, entry]) => concerns.has(entry.concerns));
  return entries.map(([name, { option, unit, meaning, source, standard }]) => {
    const value = values.get(name) ?? standard(context);
    const from = value === standard(context) ? source(context) : 'given';
    return { option, unit, meaning, value: unit === 'milliseconds' ? value * 1000 : value, source: from };
  });
}
