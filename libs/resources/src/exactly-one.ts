import { z } from 'zod';
import { documented, type Rule } from './kubernetes-schema.ts';

/** `A | B` for the shape `{a: A, b: B}`, each alternative with the fields of `Common` if there are any. */
export type ExactlyOne<Shape extends z.ZodRawShape, Common extends z.ZodRawShape = never> = ([Common] extends [never]
  ? unknown
  : z.output<z.ZodObject<Common>>) &
  { [Key in keyof Shape & string]: { [Only in Key]: z.output<Shape[Key]> } }[keyof Shape & string];

/**
 * A union written the Kubernetes way: an object that holds exactly one of the fields of `shape`,
 * besides the fields of `common`. The API server holds it to the same.
 */
export function exactlyOne<Shape extends z.ZodRawShape, Common extends z.ZodRawShape = never>(
  shape: Shape,
  common?: Common,
): z.ZodType<ExactlyOne<Shape, Common>> {
  const names = Object.keys(shape);
  const optional = Object.fromEntries(Object.entries(shape).map(([name, schema]) => [name, z.exactOptional(schema).meta(z.globalRegistry.get(schema) ?? {})]));
  const union = z.strictObject({ ...common, ...optional }).transform((value, context): ExactlyOne<Shape, Common> => {
    const present = names.filter((name) => name in value);
    if (present.length !== 1) {
      const found = present.length === 0 ? 'none' : present.join(' and ');
      context.addIssue({ code: 'custom', message: `exactly one of ${names.join(', ')} is needed, found ${found}` });
      return z.NEVER;
    }
    // The schema has checked the one field that is present; TypeScript cannot follow a mapped type that far.
    return value as unknown as ExactlyOne<Shape, Common>;
  });
  return documented(union, `Exactly one of ${names.join(', ')}.`, oneOf(names));
}

function oneOf(names: readonly string[]): Rule {
  const rule = names.length === 1 ? `has(self.${names.join()})` : `[${names.map((name) => `has(self.${name})`).join(', ')}].filter(present, present).size() == 1`;
  return { rule, message: `exactly one of ${names.join(', ')} is needed` };
}
