import { waitUntil } from '@grm/controller-runtime/testing';
import { resourceType, type KubernetesObject } from '@grm/controller-runtime';
import { expect, it } from 'vitest';
import { operatorGround } from '../testing/operator-ground.fixture.ts';

interface Autoscaler extends KubernetesObject {
  readonly spec?: object;
  readonly status?: { readonly currentReplicas?: number; readonly desiredReplicas?: number; readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason: string; readonly message: string }[] };
}
const autoscalers = resourceType<Autoscaler>({ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', plural: 'horizontalpodautoscalers', namespaced: true });

it("is scaled by Kubernetes' own autoscaler, which finds the samplers through the scale subresource", async () => {
  await using ground = await operatorGround();
  const { namespace, admin } = ground;
  await using _nodes = await ground.plane.fakeNodes({ count: 2 });
  await ground.createService('judge', { sampler: { replicas: 1 } });
  await ground.until('judge', (found) => found.status?.sampler?.ready === 1, 'one sampler');
  const metrics = [{ type: 'Pods', pods: { metric: { name: 'grm_work_tasks_in_flight' }, target: { type: 'AverageValue', averageValue: '11' } } }];
  await admin.create(autoscalers, { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { namespace, name: 'judge' }, spec: { scaleTargetRef: { apiVersion: 'grm.dev/v1alpha1', kind: 'GRMInferenceService', name: 'judge' }, minReplicas: 3, maxReplicas: 5, metrics } });

  // Without anybody who serves the metric it can only keep to its bounds.
  await ground.until('judge', (found) => found.status?.sampler?.ready === 3, 'three samplers');
  const seen = await waitUntil(
    async () => {
      const { status } = await admin.get(autoscalers, { namespace, name: 'judge' });
      return status?.currentReplicas === 3 && status.conditions?.some(({ type }) => type === 'ScalingActive') ? status : undefined;
    },
    { what: 'the autoscaler to have read three replicas' },
  );
  const condition = (wanted: string) => seen.conditions?.find(({ type }) => type === wanted);
  expect(condition('AbleToScale')).toMatchObject({ status: 'True' });
  // It has a selector, and asks for the metric of the pods behind it: only the metric is missing.
  expect(condition('ScalingActive')).toMatchObject({ status: 'False', reason: 'FailedGetPodsMetric', message: expect.stringContaining('grm_work_tasks_in_flight') });
}, 120_000);
