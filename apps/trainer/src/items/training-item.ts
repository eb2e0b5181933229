import type { PreferenceItem } from '@grm/preferences';
import type { JudgeInput, Truth } from '@grm/spct';

/** An item of which it is known what a right judgement says. */
export interface TrainingItem extends PreferenceItem {
  readonly truth: Truth;
}

/** What is known of an item; undefined where nothing is. */
export function truthOf({ best, label, responses }: PreferenceItem): Truth | undefined {
  if (responses.length === 1) return label === undefined ? undefined : { label };
  return best === null ? undefined : { best };
}

/** What a judge is shown of an item. @param referenceGuided its reference answer too, where it has one */
export function inputOf({ conversation, responses, reference }: PreferenceItem, { referenceGuided }: { readonly referenceGuided: boolean }): JudgeInput {
  return { conversation, responses, ...(reference === undefined || !referenceGuided ? {} : { reference }) };
}
