import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type PlaneAccess, sharedControlPlane } from '@grm/controller-runtime/testing';
import { clusterSite, parseOperatorConfiguration } from '@grm/operator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { installCrds, KubernetesManifest, planOf, renderChart, repositoryFile } from '../support/index.ts';
import { metricsInCode, readQuery } from './chart/metric-names.ts';

const folder = repositoryFile('examples/production');
/** Values of charts, which no API server takes. */
const ofCharts = ['values.yaml', 'prometheus-adapter.yaml'];
const textOf = (file: string): string => readFileSync(join(folder, file), 'utf8');
const objectsOf = (file: string): KubernetesManifest[] => parseAllDocuments(textOf(file)).map((document) => KubernetesManifest.parse(document.toJS()));

const Service = z.looseObject({ spec: z.looseObject({ sampler: z.looseObject({ concurrency: z.number(), nodePool: z.object({ gpus: z.number() }).loose() }), metaRM: z.looseObject({ replicas: z.number(), nodePool: z.object({ gpus: z.number() }).loose() }), rollout: z.looseObject({ maxSurge: z.number() }) }) });
const Autoscaler = z.looseObject({
  spec: z.looseObject({
    scaleTargetRef: z.object({ apiVersion: z.string(), kind: z.string(), name: z.string() }),
    maxReplicas: z.number(),
    metrics: z.tuple([z.looseObject({ pods: z.object({ metric: z.object({ name: z.string() }), target: z.object({ type: z.literal('AverageValue'), averageValue: z.string() }) }) })]),
  }),
});
const Quota = z.looseObject({ spec: z.object({ hard: z.record(z.string(), z.string()) }) });
const Adapter = z.looseObject({ rules: z.looseObject({ custom: z.array(z.looseObject({ seriesQuery: z.string(), name: z.object({ as: z.string() }) })) }) });

let plane: PlaneAccess;
let namespace = '';
beforeAll(async () => {
  plane = await sharedControlPlane();
  await installCrds(plane);
  namespace = await plane.createNamespace('production', { 'pod-security.kubernetes.io/enforce': 'restricted' });
  await plane.kubectl(['apply', '--server-side', '--filename', join(folder, 'priority-classes.yaml')]);
});
afterAll(async () => {
  await plane.kubectl(['delete', 'namespace', namespace, '--wait=false']);
  await plane[Symbol.asyncDispose]();
});

/** Tried on the API server, every field of it, in the test's own namespace. */
async function accepted(objects: readonly KubernetesManifest[]): Promise<string[]> {
  const moved = objects.map((object) => JSON.stringify(object.metadata.namespace === undefined ? object : { ...object, metadata: { ...object.metadata, namespace } }));
  return (await plane.kubectl(['apply', '--server-side', '--dry-run=server', '--validate=strict', '--filename', '-'], { stdin: moved.join('\n') })).trim().split('\n');
}

const manifests = readdirSync(folder).filter((file) => file.endsWith('.yaml') && !ofCharts.includes(file));

it.each(manifests)('%s is taken by the API server, field by field', async (file) => {
  const objects = objectsOf(file);
  expect(objects.length).toBeGreaterThan(0);
  expect(await accepted(objects)).toHaveLength(objects.length);
});

it('every file is spoken of in README.md', () => {
  const readme = textOf('README.md');
  expect(readdirSync(folder).map((file) => basename(file)).filter((file) => file !== 'README.md' && !readme.includes(file))).toEqual([]);
});

describe('the pods that the operator makes of judge.yaml with values.yaml', () => {
  let planned: KubernetesManifest[] = [];
  let templates: z.infer<typeof PodOwner>['spec']['template'][] = [];
  beforeAll(async () => {
    const { objects } = await renderChart(['--values', join(folder, 'values.yaml')]);
    const { spec } = PodOwner.parse(objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'grm-operator'));
    const environment = Object.fromEntries((spec.template.spec.containers[0]?.env ?? []).map(({ name, value }) => [name, value]));
    const { services } = parseOperatorConfiguration({ ...environment, GRM_OPERATOR_NAMESPACE: 'grm-system', GRM_OPERATOR_POD: 'operator' });
    const site = clusterSite({ image: services.image, services, credentials: true, artifact: () => ({ name: 'none', uri: 'none' }) });
    const [judge] = objectsOf('judge.yaml');
    planned = planOf({ kind: 'GRMInferenceService', namespace, name: 'judge' }, Spec.parse(judge).spec, site).map((object) => KubernetesManifest.parse(object));
    templates = planned.flatMap((object) => (object.kind === 'Deployment' || object.kind === 'Job' ? [PodOwner.parse(object).spec.template] : []));
  });

  it('are accepted with all that stands around them, and let in where Pod Security is `restricted`', async () => {
    expect(await accepted(planned)).toHaveLength(planned.length);
    const accounts = planned.filter(({ kind }) => kind === 'ServiceAccount');
    await plane.kubectl(['apply', '--server-side', '--filename', '-'], { stdin: accounts.map((account) => JSON.stringify(account)).join('\n') });
    const pods = templates.map((template, index) => KubernetesManifest.parse({ apiVersion: 'v1', kind: 'Pod', ...template, metadata: { ...template.metadata, name: `pod-${index}`, namespace } }));
    expect(await accepted(pods)).toHaveLength(pods.length);
  });

  it('run vLLM on two A100, with the weights mounted and memory that the two share', () => {
    const onGpus = templates.filter(({ spec }) => spec.initContainers.length > 0);
    expect(onGpus.map(({ spec }) => spec.containers[0]?.name ?? '').toSorted()).toEqual(['meta-rm', 'meta-rm', 'sampler', 'sampler']);
    for (const { spec } of onGpus) {
      expect(spec.nodeSelector).toEqual({ 'nvidia.com/gpu.product': 'NVIDIA-A100-SXM4-80GB' });
      expect(spec.tolerations).toEqual([{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }]);
      expect(spec.volumes).toEqual(expect.arrayContaining([expect.objectContaining({ persistentVolumeClaim: { claimName: 'models', readOnly: true } }), expect.objectContaining({ emptyDir: { medium: 'Memory', sizeLimit: '16Gi' } })]));
      const [server] = spec.initContainers;
      expect(server).toMatchObject({ restartPolicy: 'Always', resources: { limits: { 'nvidia.com/gpu': '2' } }, args: expect.arrayContaining(['--tensor-parallel-size', '2']) });
      expect(server?.volumeMounts.map(({ mountPath }) => mountPath)).toEqual(expect.arrayContaining(['/dev/shm', '/volumes/models']));
    }
  });

  it('reach NATS by the authority and user that the operator issues and the certificate of their namespace', () => {
    for (const { spec } of templates) {
      expect(spec.priorityClassName).toBe('grm-judges');
      const variables = Object.fromEntries((spec.containers[0]?.env ?? []).map(({ name, value }) => [name, value]));
      expect(variables).toMatchObject({ GRM_NATS_CA: '/etc/nats/user/ca.crt', GRM_NATS_CREDENTIALS: '/etc/nats/user/nats.creds', GRM_NATS_CERTIFICATE: '/etc/nats/certificate/tls.crt', GRM_NATS_KEY: '/etc/nats/certificate/tls.key' });
      expect(spec.volumes).toContainEqual({ name: 'nats-certificate', secret: { secretName: 'grm-nats-client-certificate' } });
    }
  });
});

describe('the autoscaler of the example', () => {
  const [judge, autoscaler] = [Service.parse(objectsOf('judge.yaml')[0]), Autoscaler.parse(objectsOf('hpa.yaml')[0])];
  const [{ pods }] = autoscaler.spec.metrics;

  it('scales the service by a metric that samplers export and the adapter serves', () => {
    expect(autoscaler.spec.scaleTargetRef).toEqual({ apiVersion: 'grm.dev/v1alpha1', kind: 'GRMInferenceService', name: 'judge' });
    const [rule] = Adapter.parse(parse(textOf('prometheus-adapter.yaml'))).rules.custom;
    expect(rule?.name.as).toBe(pods.metric.name);
    expect(readQuery(rule?.seriesQuery ?? '')).toEqual({ metrics: [pods.metric.name], errors: [] });
    expect(metricsInCode()).toContain(pods.metric.name);
    // More can never be at work in a sampler, so that it would never grow.
    expect(Number(pods.target.averageValue)).toBeLessThan(judge.spec.sampler.concurrency);
  });

  it('stays within the quota of GPUs, with a roll-out under way', () => {
    const quota = Quota.parse(objectsOf('namespaces.yaml').find(({ kind }) => kind === 'ResourceQuota'));
    const { sampler, metaRM, rollout } = judge.spec;
    const most = (autoscaler.spec.maxReplicas + rollout.maxSurge) * sampler.nodePool.gpus + (metaRM.replicas + rollout.maxSurge) * metaRM.nodePool.gpus;
    expect(Number(quota.spec.hard['requests.nvidia.com/gpu'])).toBe(most);
  });
});

const Container = z.looseObject({
  name: z.string(),
  args: z.array(z.string()).default([]),
  env: z.array(z.looseObject({ name: z.string(), value: z.string().optional() })).default([]),
  volumeMounts: z.array(z.looseObject({ mountPath: z.string() })).default([]),
});
const PodOwner = z.looseObject({
  spec: z.looseObject({
    template: z.looseObject({
      metadata: z.looseObject({ labels: z.record(z.string(), z.string()) }),
      spec: z.looseObject({ initContainers: z.array(Container).default([]), containers: z.array(Container), volumes: z.array(z.unknown()), nodeSelector: z.unknown().optional(), tolerations: z.unknown().optional(), priorityClassName: z.string().optional() }),
    }),
  }),
});
const Spec = z.looseObject({ spec: z.looseObject({}) });
