import { z } from 'zod';

/** The files of a model in an object store, as the object `modelIndexName` beside them says. */
export const ModelIndex = z.object({
  version: z.literal(1),
  revision: z.string().regex(/^sha256:[0-9a-f]{64}$/).describe('What verdicts call the model'),
  files: z
    .array(
      z.object({
        name: z.string().regex(/^[-\w.]*\w[-\w.]*$/, 'must be the name of a file, without folders'),
        bytes: z.number().int().min(0),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .min(1),
});
export type ModelIndex = z.infer<typeof ModelIndex>;
