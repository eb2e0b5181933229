import type { Architecture } from '../architecture/architecture.ts';

/** What a manifest points at, read beforehand. */
export interface RunFacts {
  /** Of `base`, or of `model`. */
  readonly policy: Architecture;
  /** Of the model that filters grpo's items, where the manifest names one. */
  readonly filter?: Architecture;
  /** Judgements in the file that `rft.kept` names, where it is there. */
  readonly keptJudgements?: number;
}
