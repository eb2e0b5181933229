import { repositoryFile } from '../../support/index.ts';

/** Sets of values that the chart is tried with; the last is the one of `examples/production`. */
export const valueSets = ['default', 'namespaced', 'external-nats', 'everything', 'production'] as const;
export type ValueSet = (typeof valueSets)[number];

export const valuesOf = (set: ValueSet): string => repositoryFile(set === 'production' ? 'examples/production/values.yaml' : `test/integration/chart/values/${set}.yaml`);
