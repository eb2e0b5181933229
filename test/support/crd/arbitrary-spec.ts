import fc from 'fast-check';
import { arbitraryOf, type Chosen } from './arbitrary-of.ts';
import { chartCrds, type GrmKind } from './chart-crds.ts';

/** Amounts of which one may well be more than the other, and which may be the same in two spellings. */
const quantities = ['spec', 'spec.sampler', 'spec.metaRM', 'spec.voter'].flatMap((place) =>
  ['requests', 'limits'].flatMap((side) => [
    [`${place}.resources.${side}.cpu`, fc.constantFrom('0', '9m', '0.009', '500m', '2', '2.3', '2300m')] as const,
    [`${place}.resources.${side}.memory`, fc.constantFrom('512Mi', '0.5Gi', '1G', '4Gi', '1073741824')] as const,
  ]),
);

/** Where a rule between fields would hardly ever be kept by chance. */
const chosen: Chosen = {
  'spec.model.hiddenSize': fc.constantFrom(64, 128, 96),
  'spec.model.heads': fc.constantFrom(1, 2, 4),
  'spec.model.keyValueHeads': fc.constantFrom(1, 2),
  'spec.stages.grpo.groupSize': fc.constantFrom(2, 4, 3),
  'spec.stages.grpo.batchSize': fc.constantFrom(8, 128),
  ...Object.fromEntries(quantities),
  'spec.vote.keep': fc.integer({ min: 1, max: 12 }),
};

/** Specs of a kind as a manifest may hold them, of which some break a rule between fields. */
export function arbitrarySpec(kind: GrmKind): fc.Arbitrary<object> {
  const schema = chartCrds.find((crd) => crd.kind === kind)?.schema.properties?.['spec'];
  if (schema === undefined) throw new Error(`${kind} has no spec`);
  // Only what JSON can say: it has no -0.
  return arbitraryOf(schema, 'spec', chosen).map((spec) => Object(JSON.parse(JSON.stringify(spec))) as object);
}
