import type { Flops } from './flops.ts';
import type { Tokens } from './tokens.ts';

/** What a phase takes in all. */
export interface Cost {
  /** Rows learnt from or read, judgements drawn. */
  readonly rows: number;
  readonly tokens: Tokens;
  readonly flops: Flops;
  /** Share of all FLOPs that are products of queries with keys and of weights with values. */
  readonly attentionShare: number;
  readonly seconds: number;
  /** GPUs that the run holds meanwhile, or threads that work. */
  readonly devices: number;
}
