import { type ApiClient, type Clock, type Controller, type EventRecorder, keyOf, keyText, type Manager, parseKeyText, watched } from '@grm/controller-runtime';
import type { Registry } from 'prom-client';
import { ChildCache } from '../children/child-cache.ts';
import { type OperatorInformers, serviceChildInformers, serviceOfPod } from '../children/operator-informers.ts';
import type { OperatorConfiguration } from '../configuration/operator-configuration.ts';
import type { ServiceNats } from '../nats/service-nats.ts';
import type { NatsUsers } from '../nats/users/nats-users.ts';
import { registerInferenceServiceMetrics } from './inference-service-metrics.ts';
import { type InferenceServiceObject, SERVED_RUN_INDEX } from './inference-service-object.ts';
import { InferenceServiceReconciler } from './inference-service.reconciler.ts';

export interface InferenceServiceControllerOptions {
  readonly manager: Pick<Manager, 'controller'>;
  readonly informers: OperatorInformers;
  readonly client: ApiClient;
  readonly nats: ServiceNats;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly configuration: Pick<OperatorConfiguration, 'services' | 'scalingPeriodSeconds' | 'concurrency'>;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly users?: Pick<NatsUsers, 'ensure'>;
}

/** Has GRMInferenceServices reconciled, whenever something happens to them, their children and pods, or the runs whose models they serve. */
export function addInferenceServiceController(options: InferenceServiceControllerOptions): Controller<InferenceServiceObject> {
  const { manager, informers, configuration, registry, clock } = options;
  const reconciler = new InferenceServiceReconciler({ ...options, cache: new ChildCache(serviceChildInformers(informers), clock) });
  registerInferenceServiceMetrics(registry, () => informers.services.store.list());
  return manager.controller({
    name: 'inference-service',
    primary: informers.services,
    owns: serviceChildInformers(informers),
    watches: [
      watched(informers.pods, (pod) => serviceOfPod(pod).map(parseKeyText)),
      watched(informers.runs, (run) => informers.services.store.byIndex(SERVED_RUN_INDEX, keyText(keyOf(run))).map(keyOf)),
    ],
    concurrency: configuration.concurrency,
    reconcile: (key) => reconciler.reconcile(key),
  });
}
