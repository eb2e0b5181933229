/** Floating-point operations of a phase, by what they are for; they add up to all of it. */
export interface Flops {
  /** Reading prompts before judgements are drawn. */
  readonly prompts: number;
  /** Drawing tokens. */
  readonly decoding: number;
  /** Forward only, over judgements that are there: reference, meta RM. */
  readonly scoring: number;
  /** Of training; what is computed a second time to save memory is not counted. */
  readonly forward: number;
  readonly backward: number;
  /** Of Muon's orthogonalisation; AdamW's few operations a parameter are left out. */
  readonly optimizer: number;
}

export const NO_FLOPS: Flops = { prompts: 0, decoding: 0, scoring: 0, forward: 0, backward: 0, optimizer: 0 };

export const sumOfFlops = (flops: Flops): number => Object.values(flops).reduce((sum: number, part: number) => sum + part, 0);
