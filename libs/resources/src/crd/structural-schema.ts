import { z } from 'zod';
import { PLANNED_ONLY } from '../not-supported-yet.ts';

/** A schema as apiextensions.k8s.io/v1 takes it: structural OpenAPI v3. */
export type StructuralSchema = { readonly [key: string]: unknown };

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The input side of a zod schema as a structural schema: defaults and rules included, fields that nothing carries out left out.
 * @throws Error for what a structural schema cannot say
 */
export function structuralSchema(schema: z.ZodType, path: string): StructuralSchema {
  const json: unknown = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'throw', reused: 'inline' });
  if (!isObject(json)) throw new Error(`${path}: no schema`);
  return structural(json, path);
}

function structural(json: Json, path: string): Json {
  const { $schema: _dialect, additionalProperties, properties, items, propertyNames: _names, const: constant, exclusiveMinimum, exclusiveMaximum, ...rest } = json;
  const alternative = ['anyOf', 'oneOf', 'allOf', '$ref'].find((word) => word in rest);
  if (alternative !== undefined) throw new Error(`${path}: a structural schema has no ${alternative}`);
  const result: Json = { ...rest, ...(constant === undefined ? {} : { enum: [constant] }), ...bounds(json, exclusiveMinimum, exclusiveMaximum), ...content(path, properties, additionalProperties) };
  if (isObject(items)) {
    result['items'] = structural(items, `${path}[]`);
    result['x-kubernetes-list-type'] ??= 'atomic';
  }
  if (isObject(result['default'])) result['default'] = filledIn(result['default'], result['properties']);
  const required = requiredOf(result);
  if (required.length === 0) delete result['required'];
  else result['required'] = required;
  if (result['type'] === 'string' && result['maxLength'] === undefined && result['enum'] === undefined) result['maxLength'] = 1024;
  return result;
}

/** Fields of an object, or values of a map. */
function content(path: string, properties: unknown, additionalProperties: unknown): Json {
  if (isObject(properties)) {
    const kept = Object.entries(properties).filter(([name]) => !PLANNED_ONLY.includes(`${path}.${name}`));
    return { properties: Object.fromEntries(kept.map(([name, property]) => [name, structural(isObject(property) ? property : {}, `${path}.${name}`)])) };
  }
  return isObject(additionalProperties) ? { additionalProperties: structural(additionalProperties, `${path}.*`), maxProperties: 256 } : {};
}

/** Of the fields that are left. */
function requiredOf({ required, properties }: Json): string[] {
  const fields = isObject(properties) ? properties : {};
  return Array.isArray(required) ? required.filter((name): name is string => typeof name === 'string' && Object.hasOwn(fields, name)) : [];
}

/** The API server checks a default against the rules as it stands, before it fills in those of its fields. */
function filledIn(value: Json, properties: unknown): Json {
  const defaults = Object.entries(isObject(properties) ? properties : {}).flatMap(([name, property]) => (isObject(property) && property['default'] !== undefined ? [[name, property['default']] as const] : []));
  return { ...Object.fromEntries(defaults), ...value };
}

/** Bounds of integers fit in 64 bits by their type, and exclusive bounds are a flag (OpenAPI 3.0). */
function bounds(json: Json, exclusiveMinimum: unknown, exclusiveMaximum: unknown): Json {
  const whole = json['type'] === 'integer';
  const result: Json = {};
  if (whole) result['format'] = 'int64';
  if (json['minimum'] === Number.MIN_SAFE_INTEGER) result['minimum'] = undefined;
  if (json['maximum'] === Number.MAX_SAFE_INTEGER) result['maximum'] = undefined;
  if (typeof exclusiveMinimum === 'number') Object.assign(result, whole ? { minimum: exclusiveMinimum + 1 } : { minimum: exclusiveMinimum, exclusiveMinimum: true });
  if (typeof exclusiveMaximum === 'number') Object.assign(result, whole ? { maximum: exclusiveMaximum - 1 } : { maximum: exclusiveMaximum, exclusiveMaximum: true });
  return result;
}
