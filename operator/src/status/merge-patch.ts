/** A JSON object. */
type Fields = Readonly<Record<string, unknown>>;

/** The JSON merge patch (RFC 7386) that makes one object another; undefined when they are equal. Lists are replaced whole. */
export function mergePatch(before: object, after: object): Fields | undefined {
  const [old, wanted] = [fieldsOf(before), fieldsOf(after)];
  const patch: Record<string, unknown> = {};
  for (const key of Object.keys(old)) if (wanted[key] === undefined && old[key] !== undefined) patch[key] = null;
  for (const [key, value] of Object.entries(wanted)) {
    if (value === undefined) continue;
    const had = old[key];
    if (!isObject(value) || !isObject(had)) {
      if (!equal(had, value)) patch[key] = value;
      continue;
    }
    const inner = mergePatch(had, value);
    if (inner !== undefined) patch[key] = inner;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

const fieldsOf = (value: object): Fields => Object.fromEntries(Object.entries(value));

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);

/** As JSON has it, but for the order of fields, which the API server may change. */
function equal(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other)) return one.length === other.length && one.every((value, index) => equal(value, other[index]));
  if (isObject(one) && isObject(other)) return mergePatch(one, other) === undefined;
  return one === other;
}
