/**
 * What all of them came to.
 * @throws what the one said that failed; of several an AggregateError with what each said, so that none hides another
 */
export function valuesOf<Value>(outcomes: readonly PromiseSettledResult<Value>[]): Value[] {
  const errors = outcomes.flatMap((outcome): unknown[] => (outcome.status === 'rejected' ? [outcome.reason] : []));
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, errors.map((error) => (error instanceof Error ? error.message : String(error))).join('; '));
  return outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
}
