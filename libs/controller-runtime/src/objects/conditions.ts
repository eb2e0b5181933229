/** meta/v1 Condition. */
export interface Condition<Type extends string = string> {
  readonly type: Type;
  readonly status: 'True' | 'False' | 'Unknown';
  /** A word for programs, in CamelCase. */
  readonly reason: string;
  /** A sentence for people. */
  readonly message: string;
  /** When `status` last changed, RFC 3339. */
  readonly lastTransitionTime: string;
  readonly observedGeneration?: number;
}

export type ConditionFact<Type extends string = string> = Omit<Condition<Type>, 'lastTransitionTime'>;

/**
 * The conditions that hold now, with the times of those that have not changed their status kept from before. What is not among the facts is gone.
 * @param now ms since the epoch
 */
export function conditionsOf<Type extends string>(facts: readonly ConditionFact<Type>[], before: readonly Condition[] | undefined, now: number): Condition<Type>[] {
  const time = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
  return facts.map((fact) => {
    const known = findCondition(before, fact.type);
    return { ...fact, lastTransitionTime: known?.status === fact.status ? known.lastTransitionTime : time };
  });
}

export const findCondition = <Type extends string>(conditions: readonly Condition<Type>[] | undefined, type: string): Condition<Type> | undefined => conditions?.find((condition) => condition.type === type);

export const isTrue = (conditions: readonly Condition[] | undefined, type: string): boolean => findCondition(conditions, type)?.status === 'True';
