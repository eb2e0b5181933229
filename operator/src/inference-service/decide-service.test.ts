import { defaultRollout } from '@grm/resources';
import { revisionLabel } from '@grm/workloads';
import { expect, it } from 'vitest';
import type { LiveDeployment } from '../kubernetes/live-deployment.ts';
import { decideService } from './decide-service.ts';
import type { InferenceServiceObject } from './inference-service-object.ts';
import { parseService } from './parse-service.ts';
import type { ServiceScalingMemory } from './scaling/service-scaling.ts';
import type { ServiceFacts } from './service-facts.ts';

const autoscaling = { minReplicas: 1, maxReplicas: 8, targetBacklogSeconds: 5 };
const object: InferenceServiceObject = {
  apiVersion: 'grm.dev/v1alpha1',
  kind: 'GRMInferenceService',
  metadata: { namespace: 'team', name: 'judge', uid: 'u1' },
  spec: { model: { builtin: 'nano-judge' }, sampler: { autoscaling }, metaRM: { model: { builtin: 'nano-meta-rm' }, autoscaling } },
};

function deployment(component: string, replicas: number, revision?: string): LiveDeployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace: 'team', name: `${component}-${revision ?? ''}`, labels: { 'app.kubernetes.io/component': component, ...(revision === undefined ? {} : { [revisionLabel]: revision }) } },
    spec: { replicas, template: { spec: { containers: [{ name: component, env: [{ name: 'GRM_REVISION', value: 'r1' }] }] } } },
  };
}

/** A service of which r1 serves; its queue is not looked at, so that what is decided is what is there. */
function facts(desired: string, deployments: readonly LiveDeployment[]): ServiceFacts {
  const parsed = parseService(object);
  if (parsed.kind === 'invalid') throw new Error(parsed.message);
  const model = { name: 'nano', uri: 'builtin://nano' };
  return {
    now: 0, object, service: parsed.service, rollout: defaultRollout(), jobs: [], image: 'grm:test',
    policy: { state: 'Resolved', model }, metaRM: { state: 'Resolved', model }, desired: { name: desired, policy: model, metaRM: model },
    children: { deployments: [deployment('voter', 1), ...deployments], pods: [] },
    nats: { connected: true, drained: new Map() },
  };
}

const sizes = (desired: string, deployments: readonly LiveDeployment[], memory: ServiceScalingMemory) => {
  const { scaling, step } = decideService(facts(desired, deployments), memory);
  return { size: scaling?.size, memory: scaling?.memory ?? {}, step };
};

it('keeps the size of a service that scales itself while its revisions share the places, meta RMs as samplers', () => {
  const alone = sizes('r1', [deployment('sampler', 6, 'r1'), deployment('meta-rm', 4, 'r1')], {});
  expect(alone.size).toEqual({ sampler: 6, metaRM: 4 });
  const shared = [deployment('sampler', 3, 'r1'), deployment('meta-rm', 2, 'r1'), deployment('sampler', 3, 'r2'), deployment('meta-rm', 2, 'r2')];
  const sharing = sizes('r2', shared, alone.memory);
  expect(sharing.size).toEqual({ sampler: 6, metaRM: 4 });
  expect(sizes('r2', shared, sharing.memory).size).toEqual({ sampler: 6, metaRM: 4 });
});

it('goes by what is there where one revision has all places: somebody may have scaled it', () => {
  const before = sizes('r1', [deployment('sampler', 6, 'r1'), deployment('meta-rm', 4, 'r1')], {});
  expect(sizes('r1', [deployment('sampler', 2, 'r1'), deployment('meta-rm', 3, 'r1')], before.memory).size).toEqual({ sampler: 2, metaRM: 3 });
});
