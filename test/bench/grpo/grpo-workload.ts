import { join } from 'node:path';
import { type Checkpoint, type DecoderConfig, initialTensors, loadCheckpoint, saveCheckpoint, Tokenizer, trainTokenizer } from '@grm/language-model';
import { nanobenchItems } from '@grm/preferences';
import { TRAINING_DEFAULTS } from '@grm/resources';
import { type Prompt, templateByName } from '@grm/spct';
import type { drawGroups } from '@grm/trainer';
import { temporaryFolder } from '../../support/temporary-folder.ts';

type TrainingItem = Parameters<typeof drawGroups>[0][number];

export const PROMPT_TOKENS = 96;
export const COMPLETION_TOKENS = 96;
const END_OF_TEXT = '<|end|>';
const PADDING = '<|pad|>';
const template = templateByName('compact');

/** As the stage grpo has them by default, but for a learning rate that leaves the policy as it is: what is drawn stays comparable. */
const SETTINGS = {
  ...TRAINING_DEFAULTS.grpo,
  temperature: 1,
  maxTokens: COMPLETION_TOKENS,
  learningRate: 1e-7,
  betas: [0.9, 0.95] as const,
  clipNorm: TRAINING_DEFAULTS.optimizer.gradientClip,
  weightDecay: TRAINING_DEFAULTS.optimizer.weightDecay,
};

/** One step of reinforcement learning, as both sides of a comparison get it. */
export interface GrpoWorkload {
  /** Hugging Face folder with the policy, which is the reference too. */
  readonly folder: string;
  /** The same, opened. No token ends a completion. */
  readonly policy: Checkpoint;
  readonly items: readonly TrainingItem[];
  /** What the policy reads of each item. */
  readonly prompts: readonly string[];
  readonly settings: typeof SETTINGS;
}

/** A new model of 5M parameters in a temporary folder and `count` prompts of 96 tokens. Completions have 96 tokens. */
export async function grpoWorkload(count: number): Promise<GrpoWorkload & AsyncDisposable> {
  const tokenizer = newTokenizer();
  const config = configOf(tokenizer);
  const home = await temporaryFolder();
  const folder = join(home.path, 'policy');
  await saveCheckpoint(folder, { config, tensors: initialTensors(config, 1), tokenizer: tokenizer.json });
  const policy = await loadCheckpoint(folder);
  const items = Array.from({ length: count }, (_, index) => itemOf(index, tokenizer));
  return {
    folder,
    policy: { ...policy, config: { ...policy.config, eosTokenIds: [] } },
    items,
    prompts: items.map(textOf),
    settings: SETTINGS,
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  };
}

/** 512 pieces, most of them whole words of nanobench. */
function newTokenizer(): Tokenizer {
  const corpus = nanobenchItems({ split: 'train', seed: 1, count: 500 }).map((item) => textOf(item));
  return new Tokenizer(trainTokenizer(corpus, { specialTokens: [END_OF_TEXT, PADDING], vocabularySize: 512 }));
}

function configOf(tokenizer: Tokenizer): DecoderConfig {
  return {
    modelType: 'llama',
    head: 'language',
    vocabularySize: tokenizer.size,
    hiddenSize: 256,
    intermediateSize: 680,
    layers: 6,
    attentionHeads: 4,
    keyValueHeads: 4,
    headSize: 64,
    rmsNormEpsilon: 1e-5,
    ropeTheta: 10_000,
    tiedEmbeddings: false,
    attentionBias: false,
    queryKeyNorm: false,
    maxPositions: PROMPT_TOKENS + COMPLETION_TOKENS,
    bosTokenId: null,
    eosTokenIds: [tokenizer.specialTokens.get(END_OF_TEXT) ?? 0],
    padTokenId: tokenizer.specialTokens.get(PADDING) ?? null,
  };
}

/** One response, so that all judgements of an item share its prompt; the question grows until the prompt is long enough. */
function itemOf(index: number, tokenizer: Tokenizer): TrainingItem {
  const words = Object.keys(tokenizer.json.model.vocab).flatMap((piece) => (/^Ġ\p{L}+$/u.test(piece) ? [piece.slice(1)] : []));
  const asking = (question: string): TrainingItem => ({
    id: `words-${index}`,
    conversation: [{ role: 'user', content: question }],
    responses: ['yes'],
    best: null,
    label: 1,
    truth: { label: 1 },
  });
  let question = 'is';
  const length = (): number => tokenizer.encode(textOf(asking(question))).length;
  for (let word = 0; length() < PROMPT_TOKENS; word += 1) question += ` ${words[(31 * index + 7 * word) % words.length]}`;
  if (length() !== PROMPT_TOKENS) throw new RangeError(`prompt ${index} has ${length()} tokens, not ${PROMPT_TOKENS}`);
  return asking(question);
}

const textOf = (item: Pick<TrainingItem, 'conversation' | 'responses'>): string =>
  plain(template.renderPrompt(item, item.responses.map((_, response) => response)));

function plain(prompt: Prompt): string {
  if ('text' in prompt) return prompt.text;
  throw new TypeError('the compact template writes text');
}
