import type { StageCheckpoint, StageCheckpoints } from '../checkpoints/stage-checkpoints.ts';
export const stageCheckpoints = (_: unknown): StageCheckpoints => {
  let newest: StageCheckpoint | undefined;
  return {
    newest: () => Promise.resolve(newest),
    save: (checkpoint) => { newest = checkpoint; return Promise.resolve(true); },
    clear: () => { newest = undefined; return Promise.resolve(); },
  };
};
