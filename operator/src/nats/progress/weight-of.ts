import type { RunProgress } from '@grm/protocol';

/** What in a progress may change what has to be done, or what people wait for, as one text to compare. Steps and metrics are not in it. */
export function weightOf({ phase, trainer, stages, conditions = [], artifacts, checkpoint }: RunProgress): string {
  return JSON.stringify([
    phase,
    trainer,
    stages.map(({ name, state }) => [name, state]),
    conditions.map(({ type, status, reason }) => [type, status, reason]),
    Object.entries(artifacts ?? {}).map(([name, { digest }]) => [name, digest]),
    // Whether there is one: a newer one is as good as a step more.
    checkpoint?.stage,
  ]);
}
