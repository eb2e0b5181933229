import type { DecoderConfig } from '../config/decoder-config.ts';
import { TrainingInputError } from './training-input-error.ts';
import type { LabelledRow, RolloutRow, TokenRow, TrainingObjective, TrainingStep } from './training-session.ts';

/** Inputs of one optimiser step besides weights and rates: names as in `trainingGraph`. */
export interface PackedBatch {
  readonly integers: Readonly<Record<string, BigInt64Array<ArrayBuffer>>>;
  readonly numbers: Readonly<Record<string, Float32Array<ArrayBuffer>>>;
  readonly normalizer: number;
  /** Tokens of the rows, without padding. */
  readonly tokens: number;
  readonly paddedTokens: number;
}

/**
 * Lays rows out as the training graph reads them, in pieces of at most `pieceTokens` padded tokens or one row; throws
 * TrainingInputError where a row does not fit the model.
 */
export function packBatch(
  config: DecoderConfig,
  objective: TrainingObjective,
  step: TrainingStep<TrainingObjective>,
  pieceTokens = cacheTokens,
): PackedBatch {
  for (const [optimizer, rate] of Object.entries(step.learningRates))
    if (!(rate >= 0 && rate < Infinity)) throw new TrainingInputError(`the learning rate of ${optimizer} is ${rate}`);
  const { microBatches } = step;
  if (microBatches.length === 0 || microBatches.some((rows) => rows.length === 0))
    throw new TrainingInputError('an optimiser step needs at least one micro-batch, and each at least one row');
  microBatches.forEach((rows, batch) =>
    rows.forEach((row, index) => checkRow(config, objective, row, `row ${index} of micro-batch ${batch}`)),
  );
  const rows = microBatches.flat();
  const pieces = cutToPieces(rows.map(spanOf), pieceTokens);
  const offsets = runningSums(pieces.map(({ spans, time }) => spans.length * time));
  const total = offsets.at(-1) ?? 0;
  const tokens = new BigInt64Array(total);
  const placesOf = pieces.map(({ spans, time }, piece) =>
    spans.flatMap(({ row, length, targets }, index) => {
      const start = index * time;
      for (let i = 0; i < length; i++) tokens[(offsets[piece] ?? 0) + start + i] = BigInt(row.tokens[i] ?? 0);
      return targets.map((target) => ({ row, target, position: start + target - ahead(row) }));
    }),
  );
  const places = placesOf.flat();
  const weights = Float32Array.from(places, ({ row, target }) => weightOf(row, target));
  const normalizer = step.normalizer ?? weights.reduce((sum, weight) => sum + weight, 0);
  if (places.length === 0 || !(normalizer > 0)) {
    const cause = places.length === 0 ? 'no token or row has a weight' : 'the weights do not add up to more';
    throw new TrainingInputError(`the loss would be divided by ${normalizer}: ${cause}`);
  }
  const targets = targetsOf(objective, places);
  return {
    integers: {
      tokens,
      offsets: toInt64(offsets),
      rows: toInt64(pieces.map(({ spans }) => spans.length)),
      positions: toInt64(places.map(({ position }) => position)),
      positionOffsets: toInt64(runningSums(placesOf.map(({ length }) => length))),
      ...targets.integers,
    },
    numbers: { weights, ...targets.numbers },
    normalizer,
    tokens: rows.reduce((sum, row) => sum + row.tokens.length, 0),
    paddedTokens: total,
  };
}

/** Padded tokens of one trip: its activations then stay in the processor's cache, which is a tenth faster than 4,096 at once. */
const cacheTokens = 1024;

type Row = TokenRow | LabelledRow | RolloutRow;

/** The part of a row on which its loss depends. */
interface Span {
  readonly row: Row;
  /** Its first tokens, up to the last place where the head is read. */
  readonly length: number;
  /** Tokens that are predicted with a weight, or the one at which the scalar head is read. */
  readonly targets: readonly number[];
}

function spanOf(row: Row): Span {
  const places = 'weights' in row ? Array.from(row.tokens, (_, i) => i).slice(1) : [row.position ?? row.tokens.length - 1];
  const targets = places.filter((place) => weightOf(row, place) !== 0);
  const last = targets.at(-1);
  return { row, length: last === undefined ? 0 : last + 1 - ahead(row), targets };
}

/** How far the token that is learnt lies after the place where the head is read. */
const ahead = (row: Row): number => ('weights' in row ? 1 : 0);

const weightOf = (row: Row, place: number): number => ('weights' in row ? row.weights[place] : row.weight) ?? 1;

interface Piece {
  readonly spans: readonly Span[];
  /** Length of the longest. */
  readonly time: number;
}

/**
 * Rows of like length together, as many as fit, those without a weight left out. The sum over all is the same as over the callers'
 * micro-batches.
 */
function cutToPieces(spans: readonly Span[], pieceTokens: number): readonly Piece[] {
  const pieces: { readonly spans: Span[]; readonly time: number }[] = [];
  const weighted = spans.filter(({ length }) => length > 0);
  for (const span of weighted.toSorted((left, right) => right.length - left.length)) {
    const piece = pieces.at(-1);
    if (piece !== undefined && (piece.spans.length + 1) * piece.time <= pieceTokens) piece.spans.push(span);
    else pieces.push({ spans: [span], time: span.length });
  }
  return pieces;
}

interface Place {
  readonly row: Row;
  /** The token of the row that is predicted, or at which the scalar head is read. */
  readonly target: number;
  /** Where the head is read, counted from the piece's first token. */
  readonly position: number;
}

type Targets = Pick<PackedBatch, 'integers' | 'numbers'>;

function targetsOf(objective: TrainingObjective, places: readonly Place[]): Targets {
  if (objective === 'binaryCrossEntropy')
    return { integers: {}, numbers: { labels: Float32Array.from(places, ({ row }) => ('label' in row ? row.label : 0)) } };
  const targets = BigInt64Array.from(places, ({ row, target }) => BigInt(row.tokens[target] ?? 0));
  if (objective === 'crossEntropy') return { integers: { targets }, numbers: {} };
  const old = ({ row, target }: Place) => ('advantage' in row ? row.oldLogProbabilities?.[target] : undefined) ?? NaN;
  return {
    integers: { targets },
    numbers: {
      advantages: Float32Array.from(places, ({ row }) => ('advantage' in row ? row.advantage : 0)),
      oldLogProbabilities: Float32Array.from(places, old),
    },
  };
}

/** Which field makes a row one for the objective; a rollout can be learnt by cross entropy too. */
const fieldOf = { crossEntropy: 'weights', binaryCrossEntropy: 'label', policyGradient: 'advantage' } as const;

function checkRow(config: DecoderConfig, objective: TrainingObjective, row: Row, where: string): void {
  checkTokens(config, objective, row.tokens, where);
  if (!(fieldOf[objective] in row)) throw new TrainingInputError(`${where} is not a row for ${objective}`);
  if ('label' in row) checkLabel(row, where);
  else if (row.weights.length !== row.tokens.length)
    throw new TrainingInputError(`${where} has ${row.weights.length} weights for ${row.tokens.length} tokens`);
  else if (objective === 'policyGradient' && 'advantage' in row) checkRollout(row, where);
}

function checkLabel(row: LabelledRow, where: string): void {
  const position = row.position ?? row.tokens.length - 1;
  if (!Number.isInteger(position) || position < 0 || position >= row.tokens.length)
    throw new TrainingInputError(`${where} is read at ${position}, outside its ${row.tokens.length} tokens`);
  if (!(row.label >= 0 && row.label <= 1))
    throw new TrainingInputError(`${where} has label ${row.label}, not between 0 and 1`);
}

function checkRollout({ tokens, weights, advantage, oldLogProbabilities: old }: RolloutRow, where: string): void {
  if (!Number.isFinite(advantage)) throw new TrainingInputError(`${where} has advantage ${advantage}`);
  if (old !== undefined && old.length !== tokens.length)
    throw new TrainingInputError(`${where} has ${old.length} old log-probabilities for ${tokens.length} tokens`);
  for (let i = 1; i < tokens.length; i++) {
    const [weight = NaN, drawn = 0] = [weights[i], old?.[i]];
    if (!(weight >= 0 && weight < Infinity)) throw new TrainingInputError(`${where} has weight ${weight} at ${i}, not 0 or more`);
    if (weight > 0 && !Number.isFinite(drawn))
      throw new TrainingInputError(`${where} has old log-probability ${drawn} at ${i}, not a finite number`);
  }
}

function checkTokens(config: DecoderConfig, objective: TrainingObjective, tokens: ArrayLike<number>, where: string): void {
  const shortest = objective === 'binaryCrossEntropy' ? 1 : 2;
  if (tokens.length < shortest || tokens.length > config.maxPositions)
    throw new TrainingInputError(`${where} has ${tokens.length} tokens; the model takes ${shortest} to ${config.maxPositions}`);
  const stranger = Array.from(tokens).findIndex(
    (token) => !Number.isInteger(token) || token < 0 || token >= config.vocabularySize,
  );
  if (stranger >= 0)
    throw new TrainingInputError(
      `${where} has token ${tokens[stranger]} at ${stranger}; the vocabulary has ${config.vocabularySize}`,
    );
}

function runningSums(counts: readonly number[]): number[] {
  const sums = [0];
  for (const count of counts) sums.push((sums.at(-1) ?? 0) + count);
  return sums;
}

const toInt64 = (numbers: readonly number[]): BigInt64Array<ArrayBuffer> => BigInt64Array.from(numbers, BigInt);
