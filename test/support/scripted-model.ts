import { type DecoderConfig, initialTensors, saveCheckpoint, trainTokenizer, type TokenizerJson, type WeightTensor } from '@grm/language-model';

export interface Script {
  /**
   * Scores that a judgement may end with, in the order in which the prompt shows the responses. With several, each
   * sample draws one of them, all equally likely. Default: one ending, 9 and 2.
   */
  readonly endings?: readonly (readonly number[])[];
  /** Tokens that a judgement thinks before its scores. Default 0; a few thousand take seconds. */
  readonly thoughts?: number;
  /** Longest sequence in tokens. Default 8,192. */
  readonly contextLength?: number;
  /** Width of the MLP, which costs time and adds nothing. Default 8. */
  readonly intermediateSize?: number;
  /** Makes the judge believe what it reads: where one of these texts stands in the prompt as it is, the scores are these. */
  readonly credulous?: { readonly triggers: readonly string[]; readonly scores: readonly number[] };
  /** For a meta RM: the logit of a judgement by its ending. Makes a scalar head in place of the language head. */
  readonly soundness?: readonly number[];
}

export const endOfText = '<|end|>';
const opening = ' Criteria: accuracy 6\nAnalysis:';
export const hiddenSize = 128;
const headSize = 64;
/** Component of the hidden state that says that a trigger was read. */
const flag = 1;
const flagHeight = 4;
/** Logit of the token that comes next; all others stay tens of units below. */
export const certainty = 100;

/**
 * Writes a model that is small, a real one to every loader and engine, and writes what the script says: a judgement
 * with the given thoughts and scores. Each piece of the script is one token, attention and MLP add nothing, and the
 * head maps the last token to the next one; whatever the prompt ends with leads to the first.
 */
export async function writeScriptedModel(folder: string, script: Script = {}): Promise<void> {
  const { endings = [[9, 2]], thoughts = 0, credulous = { triggers: [], scores: [] }, soundness } = script;
  const chain = [opening, ...Array.from({ length: thoughts }, (_, i) => ` thought ${i + 1},`)];
  const last = endings.map(scoreLine);
  const believed = `${opening} as I was told.${scoreLine(credulous.scores)}`;
  const pieces = [...chain, ...last, ...credulous.triggers, believed];
  const tokenizer = trainTokenizer([], { specialTokens: [endOfText], phrases: pieces, vocabularySize: pieces.length + 400 });
  const config = configOf(tokenizer, script);
  const directions = new Map(pieces.map((piece, i) => [piece, directionOf(i + 1)]));
  const directionAt = (piece: string | undefined) => (piece === undefined ? elsewhere : (directions.get(piece) ?? elsewhere));

  const tensors = initialTensors(config, 1);
  for (const [name, { data }] of tensors) if (/_proj|embed_tokens|lm_head|score/.test(name)) data.fill(0);
  const embedding = rowsOf(tensors, 'model.embed_tokens.weight');
  for (const id of Object.values(tokenizer.model.vocab)) embedding(id).set(elsewhere);
  for (const piece of pieces) embedding(idOf(tokenizer, piece)).set(directionAt(piece));

  if (soundness === undefined) {
    const head = rowsOf(tensors, 'lm_head.weight');
    const transitions = [
      ...chain.map((piece, i) => ({ from: chain[i - 1], to: piece })),
      ...last.flatMap((ending) => [{ from: chain.at(-1), to: ending }, { from: ending, to: endOfText }]),
      { from: believed, to: endOfText },
    ];
    for (const { from, to } of transitions) answer(head(idOf(tokenizer, to)), directionAt(from), certainty);
    head(idOf(tokenizer, believed))[flag] = certainty;
    attendTo(credulous.triggers.map(directionAt), tensors);
  } else {
    const score = rowsOf(tensors, 'score.weight')(0);
    for (const [i, ending] of last.entries()) answer(score, directionAt(ending), soundness[i] ?? 0);
  }
  await saveCheckpoint(folder, { config, tensors, tokenizer });
}

function scoreLine(scores: readonly number[]): string {
  return `\nScores: \\boxed{${scores.join(', ')}}`;
}

/** Lets the tokens outside of the script look for these directions anywhere before them, and raise a flag where there is one. */
function attendTo(directions: readonly Float32Array[], tensors: ReadonlyMap<string, WeightTensor>): void {
  const projection = (name: string) => rowsOf(tensors, `model.layers.0.self_attn.${name}_proj.weight`);
  // The rotary pair that turns slowest: a thousandth of a turn in fifty tokens, so distance hardly counts.
  const slowest = headSize / 2 - 1;
  projection('q')(slowest).set(elsewhere);
  for (const direction of directions) {
    answer(projection('k')(slowest), direction, 20);
    answer(projection('v')(0), direction, flagHeight);
  }
  projection('o')(flag)[0] = 1;
}

/** Makes a row of a head give `value` where the hidden state has this direction. */
export function answer(row: Float32Array, direction: Float32Array, value: number): void {
  for (const [i, component] of direction.entries()) row[i] = (row[i] ?? 0) + (component * value) / hiddenSize;
}

export function configOf(tokenizer: TokenizerJson, { contextLength = 8_192, intermediateSize = 8, soundness }: Script): DecoderConfig {
  return {
    modelType: 'llama',
    head: soundness === undefined ? 'language' : 'scalar',
    vocabularySize: Object.keys(tokenizer.model.vocab).length,
    hiddenSize,
    intermediateSize,
    layers: 1,
    attentionHeads: 1,
    keyValueHeads: 1,
    headSize,
    rmsNormEpsilon: 1e-6,
    ropeTheta: 10_000,
    tiedEmbeddings: false,
    attentionBias: false,
    queryKeyNorm: false,
    maxPositions: contextLength,
    bosTokenId: null,
    eosTokenIds: [0],
    padTokenId: null,
  };
}

/** Direction of every token that is no part of the script: orthogonal to all others, and as long. */
export const elsewhere = Float32Array.from({ length: hiddenSize }, (_, i) => (i === 0 ? Math.sqrt(hiddenSize) : 0));

/** A token's own direction: random signs, so that any two are nearly orthogonal. */
function directionOf(seed: number): Float32Array {
  let state = Math.imul(seed, 0x9e37_79b1) >>> 0;
  return Float32Array.from({ length: hiddenSize }, (_, i) => {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return i === 0 || i === flag ? 0 : Math.sign(state);
  });
}

export function rowsOf(tensors: ReadonlyMap<string, WeightTensor>, name: string): (row: number) => Float32Array {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`The model has no ${name}`);
  const width = tensor.shape[1] ?? 1;
  return (row) => tensor.data.subarray(row * width, (row + 1) * width);
}

export function idOf(tokenizer: TokenizerJson, piece: string): number {
  const id = tokenizer.model.vocab[piece];
  if (id === undefined) throw new Error(`The tokenizer has no piece ${JSON.stringify(piece)}`);
  return id;
}
