import { type ApiClient, type Informer, keyOf, type KubernetesObject, ownerIndex, removeFinalizer } from '@grm/controller-runtime';
import { subjects } from '@grm/protocol';
import type { OperatorInformers } from '../children/operator-informers.ts';
import { deleteObject } from '../kubernetes/delete-object.ts';
import type { ServiceNats } from '../nats/service-nats.ts';
import { CLEANUP_FINALIZER, FORCE_DELETE_ANNOTATION } from '../training-run/training-run-object.ts';
import { type InferenceServiceObject, inferenceServices } from './inference-service-object.ts';

/** NATS may take so long to be cleaned up, counted from the request to delete; then the service goes without, s. */
const CLEAN_UP_SECONDS = 30;
/** Between two tries, s. */
const AGAIN_SECONDS = 2;

export interface DeleteServiceOptions {
  readonly client: Pick<ApiClient, 'delete' | 'patch'>;
  readonly informers: Pick<OperatorInformers, 'deployments' | 'jobs' | 'pods'>;
  readonly nats: Pick<ServiceNats, 'removeAll'>;
  readonly now: number;
  readonly warn: (message: string) => void;
}

export type Deletion = { readonly kind: 'gone' } | { readonly kind: 'blocked'; readonly reason: 'StoppingPods' | 'CleaningUpNats'; readonly message: string; readonly afterSeconds: number };

/** Lets a service go: its GPUs first, then its queue, within bounds. It never hangs on either. */
export async function deleteService(object: InferenceServiceObject, options: DeleteServiceOptions): Promise<Deletion> {
  const { client, informers } = options;
  if (object.metadata.annotations?.[FORCE_DELETE_ANNOTATION] !== 'true') {
    // Samplers, meta RMs, voters and gates stop pulling and give their places back; nobody waits for their grace to be over.
    await deleteChildren(informers.deployments, object, client);
    await deleteChildren(informers.jobs, object, client);
    const pods = informers.pods.store.byIndex('service', `${keyOf(object).namespace}/${keyOf(object).name}`);
    const leaves = Date.parse(object.metadata.deletionTimestamp ?? '') + CLEAN_UP_SECONDS * 1000;
    // Pods that drain still use the queue: it goes when they have gone, or when their time is up.
    if (pods.length > 0 && options.now < leaves) return { kind: 'blocked', reason: 'StoppingPods', message: `${pods.length} pods finish what they work on`, afterSeconds: AGAIN_SECONDS };
    const blocked = await cleanUp(object, options);
    if (blocked !== undefined) return blocked;
  }
  await removeFinalizer(client, inferenceServices, object, CLEANUP_FINALIZER);
  return { kind: 'gone' };
}

async function deleteChildren<T extends KubernetesObject>({ store, type }: Pick<Informer<T>, 'store' | 'type'>, owner: InferenceServiceObject, client: DeleteServiceOptions['client']): Promise<void> {
  for (const child of store.byIndex(ownerIndex, owner.metadata.uid ?? '')) if (child.metadata.deletionTimestamp === undefined) await deleteObject(client, type, child);
}

async function cleanUp(object: InferenceServiceObject, { nats, now, warn }: DeleteServiceOptions): Promise<Deletion | undefined> {
  const { namespace, name } = keyOf(object);
  try {
    await nats.removeAll({ namespace, service: name });
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Twice the time: pods had the first half.
    if (now < Date.parse(object.metadata.deletionTimestamp ?? '') + 2 * CLEAN_UP_SECONDS * 1000) return { kind: 'blocked', reason: 'CleaningUpNats', message, afterSeconds: AGAIN_SECONDS };
    const { work, dead } = subjects({ namespace, service: name });
    warn(`the streams of ${namespace}/${name} stay in NATS: ${message}. Remove them with: nats stream rm ${work.stream}; nats stream rm ${dead.stream}`);
    return undefined;
  }
}
