import { keyOf } from '@grm/controller-runtime';
import { applyChildren } from '../children/apply-children.ts';
import { childTypeOf, configMaps } from '../children/child-types.ts';
import { withOwner } from '../children/with-owner.ts';
import { deleteObject, ignoreNotFound } from '../kubernetes/delete-object.ts';
import type { KubernetesClient } from '../kubernetes/kubernetes-client.ts';
import { deployments } from '../kubernetes/live-deployment.ts';
import { jobs, type LiveJob } from '../kubernetes/live-job.ts';
import { type LivePod, pods } from '../kubernetes/live-pod.ts';
import type { NatsAction } from './act-on-nats.ts';
import type { ActedRun, ActTools } from './acted-run.ts';
import { lostPodStatus } from './lost-pod-status.ts';
import type { PlannedRun } from './planned-run.ts';
import type { RunAction } from './run-action.ts';

export type ChildAction = Exclude<RunAction, NatsAction | { readonly kind: 'add-finalizer' | 'remove-finalizer' | 'delete-run' }>;

export async function actOnChildren(action: ChildAction, run: ActedRun, tools: ActTools): Promise<void> {
  const { client } = tools;
  const { job, rollouts, now } = run.facts;
  switch (action.kind) {
    case 'apply-ground':
      return applyGround(run, tools, action.manifest);
    case 'apply-rollouts':
      await applyChildren({ ...tools, cache: tools.children, owner: run.object, planned: plannedOf(run).rollouts });
      return;
    case 'create-job':
      tools.children.wrote(run.object, await client.create(childTypeOf(plannedOf(run).job), withOwner(plannedOf(run).job, run.object)));
      return;
    case 'suspend-job':
    case 'unsuspend-job':
      return job === undefined ? undefined : suspendJob(run, tools, job, action.kind === 'suspend-job');
    case 'delete-job':
      return job === undefined ? undefined : deleteObject(client, jobs, job);
    case 'delete-rollouts':
      return rollouts === undefined ? undefined : deleteObject(client, deployments, rollouts);
    case 'evict-trainer':
      await client.evict(keyOf(action.pod));
      return;
    case 'release-lost-pod':
      return releaseLostPod(client, action.pod, now);
  }
}

function plannedOf({ planned, object }: ActedRun): PlannedRun {
  if (planned === undefined) throw new Error(`run ${object.metadata.name} cannot be planned, so nothing of it can be made`);
  return planned;
}

/** The manifest is immutable, so that a trainer that is started anew reads what the first one read: it is made anew, or left. */
async function applyGround(run: ActedRun, tools: ActTools, manifest: 'keep' | 'renew'): Promise<void> {
  const { manifest: planned, ground } = plannedOf(run);
  const live = tools.children.live(planned);
  const isOld = live !== undefined && !tools.isCurrent(live, planned);
  if (isOld && manifest === 'renew') await deleteObject(tools.client, configMaps, live);
  const isKept = isOld && manifest === 'keep';
  await applyChildren({ ...tools, cache: tools.children, owner: run.object, planned: isKept ? ground : [planned, ...ground] });
}

async function suspendJob({ object }: ActedRun, { client, children }: ActTools, job: LiveJob, suspend: boolean): Promise<void> {
  const patched = await client.patch(jobs, keyOf(job), { metadata: { uid: job.metadata.uid }, spec: { suspend } }, { type: 'merge' }).catch(ignoreNotFound);
  if (patched !== undefined) children.wrote(object, patched);
}

async function releaseLostPod(client: KubernetesClient, pod: LivePod, now: Date): Promise<void> {
  await client.patch(pods, keyOf(pod), lostPodStatus(pod, now), { type: 'merge', subresource: 'status' }).catch(ignoreNotFound);
  await deleteObject(client, pods, pod, { gracePeriodSeconds: 0 });
}
