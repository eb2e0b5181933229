import { z } from 'zod';
import { Count } from './scalars.ts';

const share = z.number().min(0).max(1);

/** Value of KV `grm-gates`, key `<ns>.<svc>.<revision>`: how a revision of a service judged a suite. */
export const GateReport = z.object({
  suite: z.string(),
  items: Count.describe('Items judged'),
  accuracy: share.describe('Share judged right; an item without a verdict is not'),
  low: share.describe('Lower end of its 95 % interval'),
  high: share.describe('Upper end of its 95 % interval'),
  agreement: z.object({ with: z.string().describe('The other revision'), value: share.describe('Share of items on which both chose alike'), items: Count }).exactOptional(),
  picks: z.array(z.number().int().min(-1)).max(10_000).describe('Index of the response chosen for each item, of one that stands alone 1 where it is good enough, else 0; -1 where there was no verdict. Empty where not all items were judged'),
  seed: z.number().int().min(0),
  judgedAt: z.iso.datetime(),
  error: z.string().describe('Why not all items could be judged').exactOptional(),
});
export type GateReport = z.infer<typeof GateReport>;
