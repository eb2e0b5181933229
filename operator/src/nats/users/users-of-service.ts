import type { GRMInferenceService } from '@grm/resources';
import { bucketsOf, type ComponentUser } from './component-user.ts';

/**
 * A user for each component of a service and one for the teams that ask it; none changes with a roll-out, unless a model lies in another object store.
 * @param models URIs of the policies and meta RMs of every revision that is there
 */
export function usersOfService({ metadata, spec }: GRMInferenceService, models: readonly string[]): ComponentUser[] {
  const address = { namespace: metadata.namespace, service: metadata.name };
  const modelBuckets = bucketsOf(models);
  return [
    { component: 'sampler', user: { role: 'sampler', ...address, modelBuckets } },
    ...(spec.metaRM === undefined ? [] : [{ component: 'meta-rm', user: { role: 'meta-rm', ...address, modelBuckets } } as const]),
    { component: 'voter', user: { role: 'voter', ...address } },
    { component: 'client', user: { role: 'client', name: 'team', ...address } },
    ...(spec.rollout?.gate === undefined ? [] : ([{ component: 'candidate', user: { role: 'voter', ...address } }, { component: 'gate', user: { role: 'gate', ...address } }] as const)),
  ];
}
