import { keyOf } from '@grm/controller-runtime';
import { deleteObject } from '../kubernetes/delete-object.ts';
import type { KubernetesClient } from '../kubernetes/kubernetes-client.ts';
import { actOnChildren } from './act-on-children.ts';
import { actOnNats, isNatsAction } from './act-on-nats.ts';
import type { ActedRun, ActTools } from './acted-run.ts';
import { callKey } from './call-key.ts';
import type { RunAction } from './run-action.ts';
import { CLEANUP_FINALIZER, trainingRuns, type TrainingRunObject } from './training-run-object.ts';

/** Does one action. Every one may be done again: what is there is left, what is gone is gone. */
export async function act(action: RunAction, run: ActedRun, tools: ActTools): Promise<void> {
  if (isNatsAction(action)) return actOnNats(action, run, tools);
  if (!isOnRun(action)) return actOnChildren(action, run, tools);
  switch (action.kind) {
    case 'add-finalizer':
      run.object = await setFinalizers(tools.client, run.object, [...finalizersOf(run.object), CLEANUP_FINALIZER]);
      return;
    case 'remove-finalizer':
      run.object = await setFinalizers(tools.client, run.object, finalizersOf(run.object).filter((name) => name !== CLEANUP_FINALIZER));
      tools.suspendCalls.forget(callKey(run.object));
      tools.cleanUps.forget(callKey(run.object));
      return;
    case 'delete-run':
      return deleteObject(tools.client, trainingRuns, run.object);
  }
}

type OwnAction = Extract<RunAction, { readonly kind: 'add-finalizer' | 'remove-finalizer' | 'delete-run' }>;

const isOnRun = (action: RunAction): action is OwnAction => action.kind === 'add-finalizer' || action.kind === 'remove-finalizer' || action.kind === 'delete-run';

const finalizersOf = ({ metadata }: TrainingRunObject): readonly string[] => metadata.finalizers ?? [];

/** Only if nobody has changed the run since it was read. */
async function setFinalizers(client: KubernetesClient, object: TrainingRunObject, finalizers: readonly string[]): Promise<TrainingRunObject> {
  const { resourceVersion } = object.metadata;
  return client.patch(trainingRuns, keyOf(object), { metadata: { resourceVersion, finalizers } }, { type: 'merge' });
}
