import type { GRMTrainingRun } from '@grm/resources';
import { bucketsOf, type ComponentUser } from './component-user.ts';

export interface RunPlaces {
  /** URIs of the models that the run starts from. */
  readonly models: readonly string[];
  /** Object store of its artefacts where its manifest names none. */
  readonly artifactsBucket?: string;
}

/** A user for the trainer of a run, and one for its samplers where it has some. */
export function usersOfRun({ metadata, spec }: GRMTrainingRun, { models, artifactsBucket }: RunPlaces): ComponentUser[] {
  const address = { namespace: metadata.namespace, run: metadata.name };
  const { to } = spec.checkpoint;
  const artifacts = spec.artifacts?.to;
  const published = artifacts !== undefined && 'objectStore' in artifacts ? artifacts.objectStore.bucket : artifactsBucket;
  const stores = {
    ...(published === undefined ? {} : { artifactsBucket: published }),
    ...(to === undefined || !('objectStore' in to) ? {} : { checkpointsBucket: to.objectStore.bucket }),
  };
  return [
    { component: 'trainer', user: { role: 'trainer', ...address, modelBuckets: bucketsOf(models), ...stores } },
    ...(spec.rollouts.replicas === 0 ? [] : [{ component: 'rollouts', user: { role: 'rollouts', ...address } } as const]),
  ];
}
