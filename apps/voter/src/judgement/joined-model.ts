import type { Verdict } from '@grm/protocol';

/** During a rollout the parts of one reply may come from two revisions; then it names both, joined by `+`. */
export function joinedModel(models: readonly Verdict['model'][]): Verdict['model'] {
  return {
    name: distinct(models.map(({ name }) => name)).join('+'),
    revision: distinct(models.map(({ revision }) => revision)).sort().join('+'),
  };
}

/** Names may themselves be joined already. */
function distinct(names: readonly string[]): string[] {
  return [...new Set(names.flatMap((name) => name.split('+')))];
}
