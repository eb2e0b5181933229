import { z } from 'zod';

const listed = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      root: z.string().nullish(),
      /** vLLM, SGLang. */
      max_model_len: z.number().int().positive().nullish(),
      /** llama.cpp: of one slot, and of the file. */
      meta: z.object({ n_ctx: z.number().int().positive().nullish(), n_params: z.number().nullish(), size: z.number().nullish() }).nullish(),
    }),
  ),
});

/** A model as a server lists it. */
export interface ListedModel {
  readonly id: string;
  /** Tokens of prompt and completion together; undefined: the server does not say. */
  readonly contextLength: number | undefined;
  /** All that the server tells of it and that stays so when it is started again. */
  readonly identity: readonly unknown[];
}

/** Reads `/v1/models`. @throws ZodError */
export function parseModels(value: unknown): ListedModel[] {
  return listed.parse(value).data.map(({ id, root, max_model_len: length, meta }) => ({
    id,
    contextLength: length ?? meta?.n_ctx ?? undefined,
    identity: [id, root ?? null, meta?.n_params ?? null, meta?.size ?? null],
  }));
}
