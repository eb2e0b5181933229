import { createHash } from 'node:crypto';
import { compareQuantities } from '@grm/resources';
import type { ObjectMetadata } from './kubernetes-objects.ts';

/** What can be compared: an object as it was planned, or as the API server has it with its defaults. */
interface Comparable {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>>; readonly labels?: Readonly<Record<string, string>> };
}

const planAnnotation = 'grm.dev/plan';
const plannerAnnotation = 'grm.dev/planned-by';

/**
 * Marks a planned object with what it was planned from and by whom.
 * @param inputs all that a user has said that goes into it, as plain data
 * @param planner version of this planner
 */
export function stamped<T extends { readonly metadata: ObjectMetadata }>(object: T, inputs: unknown, planner: string): T {
  const digest = createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 16);
  return { ...object, metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [planAnnotation]: digest, [plannerAnnotation]: planner } } };
}

/**
 * Whether a live object needs no write. One that another version of the planner made from the same inputs is left alone: an upgrade restarts nobody's pods.
 * One that this version made is put right where it has drifted. Replicas count always: they are no matter of the plan's version.
 */
export function childIsCurrent(live: Comparable, planned: Comparable): boolean {
  const [before, now] = [live, planned].map(({ metadata }) => metadata.annotations ?? {});
  if (before?.[planAnnotation] !== now?.[planAnnotation]) return false;
  if (before?.[plannerAnnotation] !== now?.[plannerAnnotation]) return holds(replicasOf(live), replicasOf(planned));
  return holds(live, planned);
}

/** Whether a live object was planned from the same inputs, whoever planned it. */
export const hasSamePlan = (live: Comparable, planned: Comparable): boolean => live.metadata.annotations?.[planAnnotation] === planned.metadata.annotations?.[planAnnotation];

const replicasOf = (object: object): unknown => ('spec' in object && typeof object.spec === 'object' && object.spec !== null && 'replicas' in object.spec ? object.spec.replicas : undefined);

/** Whether everything that was planned is there; what the API server has added does not count. */
function holds(live: unknown, planned: unknown): boolean {
  if (planned === undefined) return true;
  if (Array.isArray(planned)) return Array.isArray(live) && live.length === planned.length && planned.every((item: unknown, index) => holds(counterpart(live, item, index), item));
  if (typeof planned === 'object' && planned !== null) {
    if (typeof live !== 'object' || live === null) return Object.keys(planned).length === 0;
    const fields = new Map(Object.entries(live));
    return Object.entries(planned).every(([name, value]) => holds(fields.get(name), value));
  }
  return live === planned || sameQuantity(live, planned);
}

/** The element of the same name, whatever its place; else the one at the same place. */
function counterpart(live: readonly unknown[], item: unknown, index: number): unknown {
  const name = nameOf(item);
  return name === undefined ? live[index] : live.find((other) => nameOf(other) === name);
}

const nameOf = (item: unknown): unknown => (typeof item === 'object' && item !== null ? ('name' in item ? item.name : 'mountPath' in item ? item.mountPath : undefined) : undefined);

/** `1` and `1000m`, `1Gi` and `1024Mi`: the API server writes quantities its own way. */
const sameQuantity = (one: unknown, other: unknown): boolean => compareQuantities(String(one), String(other)) === 0;
