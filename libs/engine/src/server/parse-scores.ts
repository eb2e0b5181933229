import { z } from 'zod';

const one = z.tuple([z.number()], 'more than one number: the model has no scalar head, or the server was not told to use it');
const classified = z.object({ data: z.array(z.object({ index: z.number().int().min(0), probs: one })) });
const embedded = z.object({ data: z.array(z.object({ index: z.number().int().min(0), embedding: one })) });

/**
 * The number of each text, in the order in which they were asked for: of `/classify` (vLLM), or of `/v1/embeddings` (SGLang, llama.cpp), where the only number is the head's.
 * @throws ZodError
 */
export function parseScores(value: unknown, path: '/classify' | '/v1/embeddings', count: number): number[] {
  const numbered = path === '/classify' ? classified.parse(value).data.map(({ index, probs }) => [index, probs[0]] as const) : embedded.parse(value).data.map(({ index, embedding }) => [index, embedding[0]] as const);
  const scores = new Map(numbered);
  const missing = Array.from({ length: count }, (_, index) => index).filter((index) => !scores.has(index));
  if (missing.length > 0 || numbered.length !== count) throw new z.ZodError([{ code: 'custom', path: ['data'], message: `${numbered.length} numbers for ${count} texts`, input: undefined }]);
  return Array.from({ length: count }, (_, index) => scores.get(index) ?? Number.NaN);
}
