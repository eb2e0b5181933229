import { revisionLabel } from '@grm/workloads';
import type { LiveDeployment } from '../../kubernetes/live-deployment.ts';
import type { LivePod } from '../../kubernetes/live-pod.ts';
import { type ComponentFacts, noWorkers, type RevisionFacts, type VoterFacts } from '../rollout/rollout-facts.ts';
import { isReady, isThere, troubleOf } from './trouble-of-pods.ts';

/** Children of one service, as the caches have them. */
export interface ServiceChildren {
  readonly deployments: readonly LiveDeployment[];
  readonly pods: readonly LivePod[];
}

const componentLabel = 'app.kubernetes.io/component';

export const componentOf = ({ metadata }: LiveDeployment | LivePod): string => metadata.labels?.[componentLabel] ?? '';
export const revisionOf = ({ metadata }: LiveDeployment | LivePod): string | undefined => metadata.labels?.[revisionLabel];

/** Pods of a component, of one revision where one is given. */
export const podsOf = ({ pods }: ServiceChildren, component: string, revision?: string): LivePod[] =>
  pods.filter((pod) => componentOf(pod) === component && (revision === undefined || revisionOf(pod) === revision));

export function componentFacts(children: ServiceChildren, component: string, revision: string | undefined, now: number): ComponentFacts {
  const deployment = children.deployments.find((candidate) => componentOf(candidate) === component && revisionOf(candidate) === revision);
  const pods = podsOf(children, component, revision).filter(isThere);
  if (deployment === undefined && pods.length === 0) return noWorkers;
  const trouble = troubleOf(deployment, pods, now);
  return { wanted: deployment?.spec?.replicas ?? 0, pods: pods.length, ready: pods.filter(isReady).length, ...(trouble === undefined ? {} : { trouble }) };
}

/** Revisions that have workers, or places for them. */
export function revisionsOf(children: ServiceChildren, withMetaRM: boolean, drained: (revision: string) => boolean | undefined, now: number): RevisionFacts[] {
  const workers = [...children.deployments, ...children.pods].filter((object) => ['sampler', 'meta-rm'].includes(componentOf(object)));
  const names = [...new Set(workers.flatMap((object) => revisionOf(object) ?? []))].toSorted();
  return names.map((name) => {
    const metaRM = componentFacts(children, 'meta-rm', name, now);
    const empty = drained(name);
    return {
      name,
      sampler: componentFacts(children, 'sampler', name, now),
      ...(withMetaRM || metaRM !== noWorkers ? { metaRM } : {}),
      progressedAt: progressedAt(children, name, now),
      ...(empty === undefined ? {} : { drained: empty }),
    };
  });
}

/** When its Deployment was made, or when the newest of its pods found a node. */
function progressedAt(children: ServiceChildren, revision: string, now: number): number {
  const made = children.deployments.filter((deployment) => revisionOf(deployment) === revision).map(({ metadata }) => metadata.creationTimestamp);
  const placed = children.pods.filter((pod) => revisionOf(pod) === revision).map(({ status }) => status?.conditions?.find(({ type, status: state }) => type === 'PodScheduled' && state === 'True')?.lastTransitionTime);
  const times = [...made, ...placed].map((time) => Date.parse(time ?? '')).filter(Number.isFinite);
  return times.length === 0 ? now : Math.max(...times);
}

/** The voters, by the revision that their Deployment names. */
export function voterFacts(children: ServiceChildren): VoterFacts | undefined {
  const deployment = children.deployments.find((candidate) => componentOf(candidate) === 'voter');
  const revision = deployment === undefined ? undefined : servingOf(deployment);
  if (deployment === undefined || revision === undefined) return undefined;
  const pods = podsOf(children, 'voter').filter(isThere);
  const ready = pods.filter(isReady).length;
  const wanted = deployment.spec?.replicas ?? 1;
  const { observedGeneration = 0, updatedReplicas = 0 } = deployment.status ?? {};
  const rolled = observedGeneration >= (deployment.metadata.generation ?? 0) && updatedReplicas === wanted;
  // Pods that still stop may still have requests of the revision before.
  return { revision, settled: rolled && pods.length === wanted && ready === wanted, ready };
}

/** The revision that a Deployment of voters sends its requests to. */
export function servingOf(deployment: LiveDeployment): string | undefined {
  const [container] = deployment.spec?.template?.spec?.containers ?? [];
  return container?.env?.find(({ name }) => name === 'GRM_REVISION')?.value;
}
