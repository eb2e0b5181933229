import { controllerReference, type KubernetesObject, type ResourceType } from '@grm/controller-runtime';
import { expect, it } from 'vitest';
import { deployments, type LiveDeployment } from '../kubernetes/live-deployment.ts';
import { jobs, type LiveJob } from '../kubernetes/live-job.ts';
import { type LivePod, pods } from '../kubernetes/live-pod.ts';
import { informerOf } from '../testing/informer-of.fixture.ts';
import { CLEANUP_FINALIZER } from '../training-run/training-run-object.ts';
import { deleteService } from './delete-service.ts';
import type { InferenceServiceObject } from './inference-service-object.ts';

const asked = Date.parse('2026-01-01T00:00:00Z');
const service: InferenceServiceObject = {
  apiVersion: 'grm.dev/v1alpha1',
  kind: 'GRMInferenceService',
  metadata: { namespace: 'team-a', name: 'my-judge', uid: 'u1', deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: [CLEANUP_FINALIZER] },
  spec: {},
};
const owned = (name: string) => ({ name, namespace: 'team-a', ownerReferences: [controllerReference(service)] });

async function deleted(options: { readonly after: number; readonly removeAll?: () => Promise<void> }) {
  const [asks, warnings]: [string[], string[]] = [[], []];
  const deletion = await deleteService(service, {
    client: {
      delete: async (type, { name }) => void asks.push(`delete ${type.kind} ${name}`),
      patch: async <T extends KubernetesObject>(type: ResourceType<T>, { name }: { readonly name: string }, patch: object): Promise<T> => {
        asks.push(`patch ${type.kind} ${name} ${JSON.stringify(patch)}`);
        return service as KubernetesObject as T;
      },
    },
    informers: {
      deployments: informerOf<LiveDeployment>(deployments, [{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: owned('sampler') }]),
      jobs: informerOf<LiveJob>(jobs, [{ apiVersion: 'batch/v1', kind: 'Job', metadata: { ...owned('gate'), deletionTimestamp: '2026-01-01T00:00:00Z' }, spec: {} }, { apiVersion: 'batch/v1', kind: 'Job', metadata: owned('gate-too'), spec: {} }]),
      pods: informerOf<LivePod>(pods, [], { service: () => [] }),
    },
    nats: { removeAll: options.removeAll ?? (() => Promise.resolve()) },
    now: asked + options.after * 1000,
    warn: (message) => void warnings.push(message),
  });
  return { asks, warnings, deletion };
}

it('has everything deleted that holds places, each as what it is, and nothing twice', async () => {
  expect((await deleted({ after: 1 })).asks.slice(0, 2)).toEqual(['delete Deployment sampler', 'delete Job gate-too']);
});

it('says which streams stay where NATS is away for too long, by the names that they have', async () => {
  const removeAll = () => Promise.reject(new Error('no answer'));
  expect((await deleted({ after: 59, removeAll })).deletion).toMatchObject({ kind: 'blocked', reason: 'CleaningUpNats' });
  const { warnings, asks } = await deleted({ after: 60, removeAll });
  expect(warnings).toEqual(['the streams of team-a/my-judge stay in NATS: no answer. Remove them with: nats stream rm GRM-WORK-team--a-my-judge; nats stream rm GRM-DEAD-team--a-my-judge']);
  expect(asks.at(-1)).toBe('patch GRMInferenceService my-judge {"metadata":{"finalizers":[]}}');
});
