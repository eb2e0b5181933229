import { parseRun } from './parse-run.ts';
import type { TrainingRunObject } from './training-run-object.ts';
import { wishesOf } from './wishes-of.ts';

/** @returns the values of `BASE_INDEX`: `<namespace>/<run that it starts from>`; none where it starts from something else */
export function baseOfRun(run: TrainingRunObject): readonly string[] {
  const parsed = parseRun(run);
  const base = parsed.kind === 'valid' ? wishesOf(parsed.run.spec).baseRun : undefined;
  return base === undefined ? [] : [`${run.metadata.namespace ?? ''}/${base}`];
}
