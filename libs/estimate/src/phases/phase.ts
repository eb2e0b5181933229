import type { Architecture } from '../architecture/architecture.ts';

export const STAGES = ['pretrain', 'rft', 'grpo', 'metaRM', 'evaluation'] as const;
export type StageName = (typeof STAGES)[number];

/** What stays in memory while a phase goes on, beside what the phase itself needs. */
export type Resident = 'policyInTraining' | 'reference';

interface PhaseOf {
  readonly stage: StageName;
  /** `train`, `draw`, `rollouts`, `reference pass`, `filter`, `meta scoring`: one of its kind in a stage. */
  readonly work: string;
  /** Before the stage's optimizer steps begin, or part of them. */
  readonly when: 'before' | 'steps';
  readonly model: Architecture;
  readonly resident: readonly Resident[];
}

/** A kind of row in a batch, its share of the rows, and its mean length. */
export interface RowKind {
  readonly share: number;
  readonly tokens: number;
}

/** Forward, backward, optimizer step. */
export interface TrainPhase extends PhaseOf {
  readonly kind: 'train';
  readonly steps: number;
  readonly rowsPerStep: number;
  readonly rows: readonly RowKind[];
  /** Who moves the matrices of the layers; AdamW moves the rest. */
  readonly optimizer: 'adamW' | 'muon';
}

/** Forward only, over texts that are there. */
export interface ForwardPhase extends PhaseOf {
  readonly kind: 'forward';
  readonly steps: number;
  readonly rowsPerStep: number;
  /** Mean length of a row. */
  readonly rowTokens: number;
}

/** Judgements are drawn. A round ends with its longest judgement. */
export interface GeneratePhase extends PhaseOf {
  readonly kind: 'generate';
  readonly rounds: number;
  readonly judgementsPerRound: number;
  readonly promptTokens: number;
  /** Mean and longest of a round. */
  readonly judgementTokens: number;
  readonly longestTokens: number;
  /** Processes of their own that draw, where the manifest has some: sampler processes of so many threads. */
  readonly samplers?: { readonly replicas: number; readonly threads: number };
}

export type Phase = TrainPhase | ForwardPhase | GeneratePhase;
