import { ApiError, type KubernetesObject, type ResourceType } from '@grm/controller-runtime';
import { beforeEach, expect, it } from 'vitest';
import { ChildCache } from '../children/child-cache.ts';
import { disruptionBudgets, networkPolicies, serviceAccounts, services } from '../children/child-types.ts';
import { serviceChildInformers } from '../children/operator-informers.ts';
import { deployments } from '../kubernetes/live-deployment.ts';
import { jobs } from '../kubernetes/live-job.ts';
import { informerOf } from '../testing/informer-of.fixture.ts';
import { site } from '../training-run/testing/site.fixture.ts';
import { carryOut } from './carry-out.ts';
import type { InferenceServiceObject } from './inference-service-object.ts';
import { parseService } from './parse-service.ts';
import type { RolloutStep } from './rollout/rollout-step.ts';

const gated: RolloutStep = { phase: 'Gating', serving: 'r1', voter: 'r1', candidate: 'r2', gate: 'r2', revisions: [{ name: 'r1', size: { sampler: 2 } }, { name: 'r2', size: { sampler: 1 } }], remove: [] };

/** A service on an API server that holds what was applied, and answers when the test says so. */
function ground() {
  const informers = {
    deployments: informerOf(deployments),
    jobs: informerOf(jobs),
    serviceAccounts: informerOf(serviceAccounts),
    networkPolicies: informerOf(networkPolicies),
    metricsServices: informerOf(services),
    disruptionBudgets: informerOf(disruptionBudgets),
  };
  const informerFor = ({ kind }: { readonly kind: string }) => serviceChildInformers(informers).find(({ type }) => type.kind === kind);
  const asked: string[] = [];
  let [open, most] = [0, 0];
  let refuse = (_request: string): Error | undefined => undefined;
  const answer = async (request: string) => {
    asked.push(request);
    open += 1;
    most = Math.max(most, open);
    // Everything that is asked for side by side has been asked for by then.
    await new Promise<void>((resolve) => setImmediate(resolve));
    open -= 1;
    const error = refuse(request);
    if (error !== undefined) throw error;
  };
  const client = {
    fieldManager: 'grm-operator',
    apply: async <T extends KubernetesObject>(type: ResourceType<T>, object: KubernetesObject): Promise<T> => {
      await answer(`apply ${type.kind} ${object.metadata.name}`);
      informerFor(type)?.observe({ ...object, metadata: { ...object.metadata, uid: 'child' } });
      return object as T;
    },
    patch: async <T extends KubernetesObject>(type: ResourceType<T>, { name }: { readonly name: string }): Promise<T> => {
      await answer(`patch ${type.kind} ${name}`);
      throw new Error('nothing is scaled here');
    },
    delete: (type: ResourceType, { name }: { readonly name: string }) => answer(`delete ${type.kind} ${name}`),
  };
  return {
    informers, asked,
    mostAtATime: () => most,
    refuse: (when: (request: string) => Error | undefined) => void (refuse = when),
    carryOut: async (step: RolloutStep = gated, items = 20) => {
      const object: InferenceServiceObject = { apiVersion: 'grm.dev/v1alpha1', kind: 'GRMInferenceService', metadata: { namespace: 'team', name: 'judge', uid: 'u1' }, spec: { model: { builtin: 'nano-judge' }, rollout: { gate: { items, minAccuracy: 0.5 } } } };
      const parsed = parseService(object);
      if (parsed.kind === 'invalid') throw new Error(parsed.message);
      asked.length = 0;
      const cache = new ChildCache(serviceChildInformers(informers), { monotonic: () => 0 });
      return carryOut(object, parsed.service, step, 'r2', { client, informers, cache, site });
    },
  };
}

let service: ReturnType<typeof ground>;
beforeEach(() => {
  service = ground();
});

it('makes what pods need before the pods, side by side and within a bound, and asks for nothing twice', async () => {
  await service.carryOut();
  const kinds = service.asked.map((request) => request.split(' ')[1] ?? '');
  const firstWorkload = kinds.findIndex((kind) => kind === 'Deployment' || kind === 'Job');
  expect(new Set(kinds.slice(firstWorkload))).toEqual(new Set(['Deployment', 'Job']));
  expect(kinds.slice(0, firstWorkload).filter((kind) => kind === 'ServiceAccount')).toHaveLength(4);
  expect(service.mostAtATime()).toBeGreaterThan(1);
  expect(service.mostAtATime()).toBeLessThanOrEqual(4);
  await service.carryOut();
  expect(service.asked).toEqual([]);
});

it('tries all, whatever becomes of one, and says what each was refused for', async () => {
  service.refuse((request) => (/ServiceAccount grm-judge-voter|Deployment grm-judge-sampler/.test(request) ? new ApiError(`no ${request}`, { status: 403, reason: 'Forbidden' }) : undefined));
  await expect(service.carryOut()).rejects.toThrow('no apply ServiceAccount grm-judge-voter; no apply Deployment grm-judge-sampler-r2');
  expect(service.asked).toContain('apply Deployment grm-judge-voter');
  expect(service.asked).toContain('apply Job grm-judge-gate-r2');
  service.refuse((request) => (request.includes('Deployment grm-judge-sampler') ? new ApiError(`no ${request}`, { status: 403, reason: 'Forbidden' }) : undefined));
  await expect(service.carryOut()).rejects.toThrow(ApiError);
});

it('makes the Job of a gate anew when the gate has changed, once the one before has gone', async () => {
  const key = { namespace: 'team', name: 'grm-judge-gate-r2' };
  await service.carryOut();
  await service.carryOut(gated, 40);
  expect(service.asked.filter((request) => request.includes(' Job '))).toEqual(['delete Job grm-judge-gate-r2']);
  const job = service.informers.jobs.store.get(key);
  if (job === undefined) throw new Error('the cache still has it');
  service.informers.jobs.observe({ ...job, metadata: { ...job.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } });
  await service.carryOut(gated, 40);
  expect(service.asked.filter((request) => request.includes(' Job '))).toEqual([]);
  service.informers.jobs.store.remove(key);
  await service.carryOut(gated, 40);
  expect(service.asked.filter((request) => request.includes(' Job '))).toEqual(['apply Job grm-judge-gate-r2']);
  expect(JSON.stringify(service.informers.jobs.store.get(key))).toContain('"--items","40"');
});

it('deletes what the step asks for no more', async () => {
  await service.carryOut();
  await service.carryOut({ phase: 'Stable', serving: 'r2', voter: 'r2', revisions: [{ name: 'r2', size: { sampler: 2 } }], remove: ['r1'] });
  expect(service.asked.filter((request) => request.startsWith('delete')).toSorted()).toEqual(['delete Deployment grm-judge-candidate', 'delete Job grm-judge-gate-r2', 'delete ServiceAccount grm-judge-candidate', 'delete ServiceAccount grm-judge-gate']);
});
