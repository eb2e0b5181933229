import type { RunCondition } from '@grm/protocol';
import { heardProgress } from '../heard-progress.ts';
import type { Reason } from './reasons.ts';
import { condition, type ConditionOf, type RunConditionNow, type StatusInput } from './run-condition.ts';

/** The trainer's own word; while it cannot be heard, what it said last. */
export const checkpointSaved: ConditionOf = (input) => {
  const word = wordOf(input, 'CheckpointSaved');
  if (word === undefined) return undefined;
  const reason: Reason<'CheckpointSaved'> = word.status === 'True' ? 'Saved' : 'CheckpointNotWritten';
  return condition('CheckpointSaved', word.status, reason, word.message);
};

export const klWithinLimit: ConditionOf = (input) => {
  const word = wordOf(input, 'KLWithinLimit');
  return word === undefined ? undefined : condition('KLWithinLimit', word.status, 'RolledBack', word.message);
};

type Word = Pick<RunConditionNow, 'status' | 'message'>;

function wordOf({ facts }: StatusInput, type: RunCondition['type']): Word | undefined {
  const progress = heardProgress(facts);
  const conditions: readonly (Word & { readonly type: string })[] | undefined = progress === undefined ? facts.status.conditions : progress.conditions;
  return conditions?.find((word) => word.type === type);
}
