import type { GRMResource } from '@grm/resources';
import { fittingName } from './fitting-name.ts';
import type { ObjectMetadata } from './kubernetes-objects.ts';

/**
 * The processes of this project that a resource may ask for. A run's samplers have a name of their own, since a service of the same name may stand
 * beside it; none ends in another one's, so `<resource>-<component>` can be read in one way only.
 */
export type Component = 'sampler' | 'meta-rm' | 'voter' | 'candidate' | 'gate' | 'trainer' | 'rollouts';

/** Whoever connects to NATS for a resource: its components, and the teams that ask a service. */
export type Party = Component | 'client';

/** The component's program: its folder under `apps/`. One sampler is for serving and for training; a candidate is a voter that only its gate asks. */
export function programOf(component: Component): string {
  return programs[component];
}

const programs: Readonly<Record<Component, string>> = { sampler: 'sampler', 'meta-rm': 'meta-rm', voter: 'voter', candidate: 'voter', gate: 'grmctl', trainer: 'trainer', rollouts: 'sampler' };

/** Label that tells the revisions of a service apart. */
export const revisionLabel = 'grm.dev/revision';

/** Kubernetes' recommended labels; they never change for one component, or one revision of it, so they select its pods. */
export function selectorOf(resource: GRMResource, component: Party, revision?: string): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'grm',
    'app.kubernetes.io/instance': resource.metadata.name,
    'app.kubernetes.io/component': component,
    ...(revision === undefined ? {} : { [revisionLabel]: revision }),
  };
}

/** Name, namespace and labels of a component's object: `grm-<resource>-<component>`, or `grm-<resource>-<component>-<revision>`. */
export function metadataOf(resource: GRMResource, component: Party, revision?: string): ObjectMetadata {
  return {
    name: childName(resource.metadata.name, component, revision),
    namespace: resource.metadata.namespace,
    labels: {
      ...resource.metadata.labels,
      ...selectorOf(resource, component, revision),
      'app.kubernetes.io/part-of': resource.kind.toLowerCase(),
      'app.kubernetes.io/managed-by': 'grm',
    },
  };
}

/** Name of a component's object. Starts with a letter, as Services need (RFC 1035), and fits into a label. */
export function childName(name: string, component: Party, revision?: string): string {
  return fittingName(`grm-${name}`, revision === undefined ? `-${component}` : `-${component}-${revision}`);
}
