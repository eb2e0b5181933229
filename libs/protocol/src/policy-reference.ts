import { z } from 'zod';

/** Names weights by their bytes. */
export const PolicyRevision = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'must be "sha256:" and 64 hex digits');

/** Where the weights of a training run's policy lie in the object store. */
export const PolicyReference = z.object({
  revision: PolicyRevision.describe('SHA-256 of the object: weights, configuration and tokenizer'),
  bucket: z.string().regex(/^[-\w]+$/),
  name: z.string().min(1),
});
export type PolicyReference = z.infer<typeof PolicyReference>;
