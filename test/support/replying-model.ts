import { initialTensors, saveCheckpoint, trainTokenizer } from '@grm/language-model';
import { answer, certainty, configOf, elsewhere, endOfText, hiddenSize, idOf, rowsOf } from './scripted-model.ts';

export interface PromptReply {
  /** How the prompt ends. Of several endings that fit, the one counts that begins first. */
  readonly after: string;
  /** What the model writes then: one of these, all equally likely. */
  readonly texts: readonly string[];
}

/** Components of the hidden state that no other token has. */
const firstDirection = 2;
const most = hiddenSize - firstDirection;

/**
 * Writes a model that is small, a real one to every loader and engine, and replies by how its prompt ends; after a prompt that ends otherwise it writes nothing. Endings and
 * replies are one token each, with a direction of their own, and the head maps the last token to the next one.
 */
export async function writeReplyingModel(folder: string, replies: readonly PromptReply[]): Promise<void> {
  const pieces = [...new Set(replies.flatMap(({ after, texts }) => [after, ...texts]))];
  if (pieces.length > most) throw new RangeError(`${pieces.length} endings and replies are more than the ${most} that the model has room for`);
  const tokenizer = trainTokenizer([], { specialTokens: [endOfText], phrases: pieces, vocabularySize: pieces.length + 400 });
  const directions = new Map(pieces.map((piece, i) => [piece, Float32Array.from({ length: hiddenSize }, (_, at) => (at === i + firstDirection ? Math.sqrt(hiddenSize) : 0))]));
  const directionOf = (piece: string) => directions.get(piece) ?? elsewhere;

  const config = configOf(tokenizer, {});
  const tensors = initialTensors(config, 1);
  for (const [name, { data }] of tensors) if (/_proj|embed_tokens|lm_head/.test(name)) data.fill(0);
  const embedding = rowsOf(tensors, 'model.embed_tokens.weight');
  for (const id of Object.values(tokenizer.model.vocab)) embedding(id).set(elsewhere);
  for (const piece of pieces) embedding(idOf(tokenizer, piece)).set(directionOf(piece));

  const head = rowsOf(tensors, 'lm_head.weight');
  const end = head(idOf(tokenizer, endOfText));
  answer(end, elsewhere, certainty);
  for (const { after, texts } of replies) for (const text of texts) answer(head(idOf(tokenizer, text)), directionOf(after), certainty);
  for (const text of new Set(replies.flatMap(({ texts }) => texts))) answer(end, directionOf(text), certainty);
  await saveCheckpoint(folder, { config, tensors, tokenizer });
}
