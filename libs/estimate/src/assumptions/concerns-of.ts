import type { TrainingRunSpec } from '@grm/resources';
import type { Phase } from '../phases/phase.ts';
import { type Concern, CONCERNS } from './assumption-table.ts';

/** What a run's estimate rests on. */
export function concernsOf({ stages }: TrainingRunSpec, phases: readonly Phase[]): ReadonlySet<Concern> {
  const { pretrain, rft, grpo, metaRM, evaluation } = stages;
  const has: Readonly<Record<Concern, boolean>> = {
    judging: [rft, grpo, metaRM, evaluation].some((stage) => stage !== undefined),
    documents: pretrain !== undefined || rft?.general !== undefined,
    metaRM: metaRM !== undefined,
    kept: rft !== undefined && rft.kept === undefined && rft.steps === undefined,
    training: phases.some(({ kind }) => kind !== 'generate'),
    drawing: phases.some(({ kind }) => kind === 'generate'),
    memory: true,
  };
  return new Set(CONCERNS.filter((concern) => has[concern]));
}
