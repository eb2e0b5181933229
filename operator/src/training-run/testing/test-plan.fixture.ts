import { createHash } from 'node:crypto';
import type { KubernetesObject } from '@grm/controller-runtime';
import type { GRMTrainingRun } from '@grm/resources';
import type { PlannedRun } from '../planned-run.ts';
import { wishesOf } from '../wishes-of.ts';

const PLAN = 'grm.dev/plan';

/** A run's children as far as the Job controller cares: the policy of failures, the labels, the grace. */
export function testPlan({ metadata, spec }: GRMTrainingRun): PlannedRun {
  const { queueName } = wishesOf(spec);
  const { suspend: _suspend, ...rest } = spec;
  const plan = createHash('sha256').update(JSON.stringify(rest)).digest('hex');
  const labels = { 'app.kubernetes.io/instance': metadata.name, 'app.kubernetes.io/component': 'trainer', 'app.kubernetes.io/managed-by': 'grm' };
  const child = (apiVersion: string, kind: string, fields: object) => ({
    apiVersion,
    kind,
    metadata: { name: `grm-${metadata.name}-trainer`, namespace: metadata.namespace, labels, annotations: { [PLAN]: plan } },
    ...fields,
  });
  const podSpec = { containers: [{ name: 'trainer', image: 'grm:test', resources: { limits: { 'nvidia.com/gpu': '8' } } }], restartPolicy: 'Never', terminationGracePeriodSeconds: 1 };
  return {
    manifest: child('v1', 'ConfigMap', { immutable: true, data: { 'run.json': JSON.stringify(spec) } }),
    ground: [
      child('v1', 'ServiceAccount', {}),
      child('v1', 'PersistentVolumeClaim', { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }),
      child('networking.k8s.io/v1', 'NetworkPolicy', { spec: { podSelector: { matchLabels: labels }, policyTypes: ['Ingress'] } }),
    ],
    job: {
      ...child('batch/v1', 'Job', {}),
      spec: {
        backoffLimit: spec.backoffLimit,
        suspend: queueName !== '',
        podReplacementPolicy: 'Failed',
        podFailurePolicy: {
          rules: [
            { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
            { action: 'Ignore', onExitCodes: { containerName: 'trainer', operator: 'In', values: [75] } },
            { action: 'FailJob', onExitCodes: { containerName: 'trainer', operator: 'In', values: [2] } },
          ],
        },
        template: { metadata: { labels }, spec: podSpec },
      },
    },
    rollouts: [],
  };
}

export const hasSamePlan = (live: KubernetesObject, planned: KubernetesObject): boolean => live.metadata.annotations?.[PLAN] === planned.metadata.annotations?.[PLAN];
