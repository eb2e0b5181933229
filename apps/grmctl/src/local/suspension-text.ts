import type { RunProgress } from '@grm/protocol';

/**
 * Where a suspended run stands and how it goes on: `stopped at grpo step 7; apply it again to go on`.
 *
 * @param progress what its trainer left, if it can be read.
 * @param bySpec its manifest says `suspend: true`.
 */
export function suspensionText(progress: RunProgress | undefined, bySpec: boolean): string {
  return `${progress === undefined ? 'stopped' : placeOf(progress)}; apply it again${bySpec ? ' without suspend' : ''} to go on`;
}

/** A step is named only where a checkpoint has it: a trainer that had to be killed goes on from an earlier one than it had reached. */
function placeOf({ stages, checkpoint }: RunProgress): string {
  if (checkpoint !== undefined) return `stopped at ${checkpoint.stage} step ${checkpoint.step}`;
  const running = stages.find(({ state }) => state === 'Running');
  if (running !== undefined) return `stopped in ${running.name}`;
  const next = stages.find(({ state }) => state === 'Pending');
  return next === undefined ? 'stopped after its last stage' : `stopped before ${next.name}`;
}
