import { type Informer, type KubernetesObject, type Manager, owned } from '@grm/controller-runtime';
import { claims } from '../kubernetes/live-claim.ts';
import { deployments } from '../kubernetes/live-deployment.ts';
import { jobs, type LiveJob } from '../kubernetes/live-job.ts';
import { type LiveContainerStatus, type LivePod, pods } from '../kubernetes/live-pod.ts';
import { defined } from '../objects/defined.ts';
import { baseOfRun } from '../training-run/base-of-run.ts';
import { BASE_INDEX, RUN_INDEX, runOfPod } from '../training-run/run-stores.ts';
import { trainingRuns } from '../training-run/training-run-object.ts';
import { SERVED_RUN_INDEX, inferenceServices } from '../inference-service/inference-service-object.ts';
import { servedRuns } from '../inference-service/parse-service.ts';
import { configMaps, disruptionBudgets, networkPolicies, serviceAccounts, services } from './child-types.ts';

/** What every child of the operator is labelled with: other objects of the cluster are neither read nor kept. */
const labelSelector = 'app.kubernetes.io/managed-by=grm';

export type OperatorInformers = ReturnType<typeof operatorInformers>;

/** The caches of the operator: one of each kind, whoever reads it. */
export function operatorInformers(manager: Pick<Manager, 'informer'>) {
  return {
    services: manager.informer(inferenceServices, { indexes: { [SERVED_RUN_INDEX]: servedRuns } }),
    runs: manager.informer(trainingRuns, { indexes: { [BASE_INDEX]: baseOfRun } }),
    jobs: manager.informer(jobs, { labelSelector, transform: strippedJob }),
    pods: manager.informer(pods, { labelSelector, transform: strippedPod, indexes: { [RUN_INDEX]: runOfPod, service: serviceOfPod } }),
    deployments: manager.informer(deployments, { labelSelector }),
    claims: manager.informer(claims, { labelSelector }),
    configMaps: manager.informer(configMaps, { labelSelector }),
    serviceAccounts: manager.informer(serviceAccounts, { labelSelector }),
    networkPolicies: manager.informer(networkPolicies, { labelSelector }),
    metricsServices: manager.informer(services, { labelSelector }),
    disruptionBudgets: manager.informer(disruptionBudgets, { labelSelector }),
  };
}

/** Those of children. */
export function childInformers({ jobs: ofJobs, deployments: ofDeployments, claims: ofClaims, configMaps: ofConfigMaps, serviceAccounts: ofAccounts, networkPolicies: ofPolicies }: OperatorInformers): Informer<KubernetesObject>[] {
  return [owned(ofJobs), owned(ofDeployments), owned(ofClaims), ofConfigMaps, ofAccounts, ofPolicies];
}

export type ServiceChildKind = 'jobs' | 'deployments' | 'serviceAccounts' | 'networkPolicies' | 'metricsServices' | 'disruptionBudgets';

/** Those of a service's children. */
export function serviceChildInformers(informers: Pick<OperatorInformers, ServiceChildKind>): Informer<KubernetesObject>[] {
  return [owned(informers.jobs), owned(informers.deployments), informers.serviceAccounts, informers.networkPolicies, informers.metricsServices, informers.disruptionBudgets];
}

/** `<namespace>/<service>` of a service's pod. */
export function serviceOfPod({ metadata }: LivePod): readonly string[] {
  const { 'app.kubernetes.io/instance': name, 'app.kubernetes.io/part-of': partOf } = metadata.labels ?? {};
  return name !== undefined && partOf === 'grminferenceservice' ? [`${metadata.namespace ?? ''}/${name}`] : [];
}

/** A Job is never made from another one, so its template is of no use. */
function strippedJob({ spec: { suspend, backoffLimit }, ...job }: LiveJob): LiveJob {
  return { ...job, spec: defined({ suspend, backoffLimit }) };
}

/** Most of a pod is its spec, of which the node is enough. */
function strippedPod({ apiVersion, kind, metadata, spec, status }: LivePod): LivePod {
  const { phase, reason, message, startTime, conditions } = status ?? {};
  const containerStatuses = status?.containerStatuses?.map(slimContainer);
  const initContainerStatuses = status?.initContainerStatuses?.map(slimContainer);
  return { apiVersion, kind, metadata, spec: defined({ nodeName: spec?.nodeName }), status: defined({ phase, reason, message, startTime, conditions, containerStatuses, initContainerStatuses }) };
}

const slimContainer = ({ name, restartCount, ready, state, lastState }: LiveContainerStatus): LiveContainerStatus => ({ name, ...defined({ restartCount, ready, state, lastState }) });
