import type { GRMResource } from '@grm/resources';
import type { ObjectMetadata } from './kubernetes-objects.ts';

/**
 * The processes of this project that a resource may ask for. A run's samplers have a name of their own, since a service of the same name may stand
 * beside it; none ends in another one's, so `<resource>-<component>` can be read in one way only.
 */
export type Component = 'sampler' | 'meta-rm' | 'voter' | 'candidate' | 'gate' | 'trainer' | 'rollouts';

/** The component's program: its folder under `apps/`. One sampler is for serving and for training; a candidate is a voter that only its gate asks. */
export function programOf(component: Component): string {
  return programs[component];
}

const programs: Readonly<Record<Component, string>> = { sampler: 'sampler', 'meta-rm': 'meta-rm', voter: 'voter', candidate: 'voter', gate: 'grmctl', trainer: 'trainer', rollouts: 'sampler' };

/** Label that tells the revisions of a service apart. */
export const revisionLabel = 'grm.dev/revision';

/** Kubernetes' recommended labels; they never change for one component, or one revision of it, so they select its pods. */
export function selectorOf(resource: GRMResource, component: Component, revision?: string): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'grm',
    'app.kubernetes.io/instance': resource.metadata.name,
    'app.kubernetes.io/component': component,
    ...(revision === undefined ? {} : { [revisionLabel]: revision }),
  };
}

/** Name, namespace and labels of a component's object: `grm-<resource>-<component>`, or `grm-<resource>-<component>-<revision>`. */
export function metadataOf(resource: GRMResource, component: Component, revision?: string): ObjectMetadata {
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

const LONGEST_NAME = 63;

/**
 * Starts with a letter as Services need (RFC 1035) and fits into a label's 63 characters:
 * a longer name is cut and told apart by a digest of the whole.
 */
function childName(name: string, component: Component, revision?: string): string {
  const tail = revision === undefined ? component : `${component}-${revision}`;
  const full = `grm-${name}-${tail}`;
  if (full.length <= LONGEST_NAME) return full;
  const ending = `-${digest(name)}-${tail}`;
  return full.slice(0, LONGEST_NAME - ending.length) + ending;
}

/** FNV-1a, 32 bits, in base 36: short and the same everywhere; nothing secret hangs on it. */
function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(36).padStart(7, '0');
}
