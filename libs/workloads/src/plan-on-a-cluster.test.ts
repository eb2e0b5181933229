import { type GRMInferenceService, type GRMTrainingRun, parseManifests } from '@grm/resources';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { KubernetesObject } from './kubernetes-objects.ts';
import { planCandidate, planGate, planServiceRevision, planServiceSurroundings, planVoters } from './plan-inference-service.ts';
import { networkPolicy } from './plan-surroundings.ts';
import { planRunStorage, planTrainingRun } from './plan-training-run.ts';
import type { Site } from './site.ts';

/** A cluster with credentials, an authority of its own and a registry that asks for a password. */
const cluster: Site = {
  image: 'grm:0.1.0',
  natsUrl: 'tls://nats.grm-system:4222',
  logLevel: 'info',
  telemetryEndpoint: 'http://collector:4318',
  imagePullSecrets: ['registry'],
  nats: { credentials: true, caConfigMap: 'nats-ca' },
  artifactsBucket: 'grm-models',
  resolve: (reference) => {
    switch (reference.kind) {
      case 'builtin':
        return { path: `/app/models/${reference.name}` };
      case 'artifact':
        return { path: `nats://grm-models/${reference.run.name}/${reference.artifact}` };
      case 'object':
        return { path: `nats://${reference.bucket}/${reference.key}` };
      case 'volume': {
        const { claimName = 'none', path } = reference;
        const mountPath = `/volumes/${claimName}`;
        return { path: `${mountPath}/${path}`, mount: { volume: { name: `volume-${claimName}`, persistentVolumeClaim: { claimName, readOnly: true } }, mountPath, readOnly: true } };
      }
    }
  },
  runFolder: ({ name }) => ({ path: '/run/grm', mount: { volume: { name: 'folder', persistentVolumeClaim: { claimName: `grm-${name}-trainer` } }, mountPath: '/run/grm', readOnly: false } }),
};

function resource(kind: string, spec: string): GRMTrainingRun | GRMInferenceService {
  const [first] = parseManifests(`apiVersion: grm.dev/v1alpha1\nkind: ${kind}\nmetadata: {name: nano, namespace: team-a}\nspec: ${spec}`, 'test.yaml', 'cluster');
  if (first === undefined) throw new Error('no resource');
  return first;
}

function service(spec: string): GRMInferenceService {
  const found = resource('GRMInferenceService', spec);
  if (found.kind !== 'GRMInferenceService') throw new Error(`a ${found.kind}`);
  return found;
}

function run(spec: string): GRMTrainingRun {
  const found = resource('GRMTrainingRun', spec);
  if (found.kind !== 'GRMTrainingRun') throw new Error(`a ${found.kind}`);
  return found;
}

const gpus = 'nodePool: {gpuProduct: NVIDIA-A100-SXM4-80GB, gpus: 2}';
const judge = service('{model: {builtin: nano-judge}, metaRM: {model: {volume: {claimName: models, path: meta}}}, sampler: {replicas: 3}, rollout: {gate: {minAccuracy: 0.7, minAgreement: 0.9}}}');
/** A judge on two GPUs beside each sampler, and a meta RM elsewhere. */
const onServers = service(`
  model: {volume: {claimName: models, path: grm-27b}}
  template: Published
  sampler:
    replicas: 4
    concurrency: 16
    ${gpus}
    engine:
      openAI:
        dialect: VLLM
        server:
          image: vllm/vllm-openai:v0.11.0
          args: [--max-model-len, "16384"]
          environment: [{name: HF_TOKEN, secret: {name: hub, key: token}}]
          sharedMemory: 16Gi
          resources: {requests: {cpu: "8", memory: 64Gi}}
          startupSeconds: 1800
        apiKeySecret: {name: judge-key}
  metaRM:
    model: {volume: {claimName: models, path: meta}}
    engine: {openAI: {dialect: SGLang, url: "https://meta.models.internal", servedModelName: meta}}
  rollout: {progressDeadlineSeconds: 2400}
`.trim().split('\n').map((line, index) => (index === 0 ? `\n    ${line}` : `  ${line}`)).join('\n'));
const trained = 'base: {trainingRun: {name: first}}, data: [{name: pairs, builtin: nanobench}, {name: own, volume: {claimName: items, path: own.jsonl}}], stages: {metaRM: {}}';

const plans: readonly (readonly [string, readonly KubernetesObject[]])[] = [
  ['service-surroundings', planServiceSurroundings(judge, cluster)],
  ['service-revision', [...planServiceRevision(judge, cluster, { name: 'r0123abcd', sampler: 3, metaRM: 1 }), planVoters(judge, cluster, 'r0123abcd')]],
  ['candidate', planCandidate(judge, cluster, 'r4567efgh')],
  ['gate', planGate(judge, cluster, 'r4567efgh', 'r0123abcd')],
  ['first-gate', planGate(judge, cluster, 'r0123abcd', undefined)],
  ['a100-revision', planServiceRevision(service(`{model: {objectStore: {bucket: models, key: judge}}, sampler: {${gpus}, resources: {requests: {cpu: "4", memory: 64Gi}}, autoscaling: {maxReplicas: 8}}, rollout: {maxSurge: 1, maxUnavailable: 0}, drainSeconds: 300}`), cluster, { name: 'r0123abcd', sampler: undefined })],
  ['vllm-revision', planServiceRevision(onServers, cluster, { name: 'r0123abcd', sampler: 4, metaRM: 1 })],
  ['vllm-surroundings', planServiceSurroundings(onServers, cluster).filter(({ kind }) => kind === 'NetworkPolicy')],
  ['a100-run', planTrainingRun(run(`{${trained}, nodePool: {gpuProduct: NVIDIA-A100-SXM4-80GB, gpusPerNode: 8}, resources: {requests: {cpu: "16", memory: 256Gi}, limits: {cpu: "32"}}, artifacts: {to: {objectStore: {bucket: judges}}}}`), cluster)],
  ['queued-run', planTrainingRun(run(`{${trained}, queueName: research, activeDeadlineSeconds: 3600, rollouts: {replicas: 2}}`), cluster)],
  ['run-ground', [planRunStorage(run(`{${trained}, storage: {size: 20Gi, storageClassName: fast, accessMode: ReadWriteMany}}`)), networkPolicy(run(`{${trained}}`), 'trainer', cluster)]],
];

it.each(plans)('plans %s as its golden file says', async (name, objects) => {
  const text = objects.map((object) => stringify(object, { lineWidth: 0 })).join('---\n');
  await expect(text).toMatchFileSnapshot(`golden/cluster/${name}.yaml`);
});

const serverOf = (engine: string, model = '{volume: {claimName: models, path: judge.gguf}}') => {
  const [sampler] = planServiceRevision(service(`{model: ${model}, sampler: {engine: {openAI: ${engine}}}}`), cluster, { name: 'r0123abcd', sampler: 1 });
  return sampler?.spec.template.spec.initContainers?.[0];
};

it.each([
  ['VLLM', ['vllm', 'serve', '$(GRM_MODEL)'], ['--served-model-name', '$(GRM_SERVER_MODEL)', '--port', '$(GRM_SERVER_PORT)', '--seed', '1']],
  ['SGLang', ['python3', '-m', 'sglang.launch_server'], ['--model-path', '$(GRM_MODEL)', '--served-model-name', '$(GRM_SERVER_MODEL)', '--host', '0.0.0.0', '--port', '$(GRM_SERVER_PORT)', '--enable-metrics', '--seed', '1']],
  ['LlamaCpp', undefined, ['--model', '$(GRM_MODEL)', '--alias', '$(GRM_SERVER_MODEL)', '--host', '0.0.0.0', '--port', '$(GRM_SERVER_PORT)', '--metrics', '--seed', '1']],
])('starts a server of the kind %s with what the process beside it needs, and then what the manifest adds', (dialect, command, args) => {
  const server = serverOf(`{dialect: ${dialect}, server: {image: "x:1", args: [--seed, "1"]}}`);
  expect(server).toMatchObject({ image: 'x:1', args, restartPolicy: 'Always', env: expect.arrayContaining([{ name: 'GRM_MODEL', value: '/volumes/models/judge.gguf' }, { name: 'GRM_SERVER_MODEL', value: 'judge' }, { name: 'GRM_SERVER_PORT', value: '8000' }]) });
  expect(server?.command).toEqual(command);
});

it('starts a server by the command that the manifest gives, and adds nothing to it', () => {
  const server = serverOf('{dialect: VLLM, server: {image: "x:1", command: [serve, $(GRM_MODEL)], args: [-v], port: 9000, startupSeconds: 95}}');
  expect(server).toMatchObject({ command: ['serve', '$(GRM_MODEL)'], args: ['-v'], ports: [{ containerPort: 9000 }], startupProbe: { periodSeconds: 10, failureThreshold: 10 } });
});

it('lets a server fetch a model that only it knows, by name, and mounts nothing of it', () => {
  const judge = service('{model: {served: {name: org/judge}}, sampler: {engine: {openAI: {dialect: VLLM, server: {image: "x:1"}}}}}');
  const [sampler] = planServiceRevision(judge, cluster, { name: 'r0123abcd', sampler: 1 });
  expect(sampler?.spec.template.spec.containers[0]?.env).not.toContainEqual(expect.objectContaining({ name: 'GRM_MODEL' }));
  expect(serverOf('{dialect: VLLM, server: {image: "x:1"}}', '{served: {name: org/judge}}')?.env).toEqual(expect.arrayContaining([{ name: 'GRM_MODEL', value: 'org/judge' }, { name: 'GRM_SERVER_MODEL', value: 'org/judge' }]));
  expect(networkPolicy(judge, 'voter', cluster).spec.egress[1]?.ports).toContainEqual({ protocol: 'TCP', port: 443 });
});

it('gives the GPUs of a pod to the server in it', () => {
  const [sampler] = planServiceRevision(onServers, cluster, { name: 'r0123abcd', sampler: 1 });
  const { containers, initContainers = [] } = sampler?.spec.template.spec ?? { containers: [] };
  expect(initContainers[0]?.resources.limits).toEqual({ memory: '64Gi', 'nvidia.com/gpu': '2' });
  expect(containers[0]?.resources.limits).toEqual({ memory: '1Gi' });
});

describe('pods of a site that says what they are to be like', () => {
  const site: Site = {
    ...cluster,
    nats: { credentials: true, authority: true, clientCertificateSecret: 'certificate' },
    pods: {
      nodeSelector: { pool: 'general' },
      tolerations: [{ key: 'general', operator: 'Exists' }],
      priorityClassName: 'low',
      labels: { team: 'judges', 'app.kubernetes.io/name': 'other' },
      annotations: { note: 'kept' },
      gpuPool: { nodeLabel: 'cloud.google.com/gke-accelerator', products: { 'NVIDIA-A100-SXM4-80GB': 'nvidia-a100-80gb' }, nodeSelector: { spot: 'no' }, tolerations: [{ key: 'gpu', operator: 'Equal', value: 'a100' }], priorityClassName: 'high', runtimeClassName: 'nvidia' },
    },
  };
  const [sampler, metaRM] = planServiceRevision(onServers, site, { name: 'r0123abcd', sampler: 1, metaRM: 1 });

  it('go to the GPUs that the site calls otherwise, past its taints, and without GPUs to other nodes', () => {
    expect(sampler?.spec.template.spec).toMatchObject({ nodeSelector: { spot: 'no', 'cloud.google.com/gke-accelerator': 'nvidia-a100-80gb' }, tolerations: [{ key: 'gpu', operator: 'Equal', value: 'a100' }], priorityClassName: 'high', runtimeClassName: 'nvidia' });
    expect(metaRM?.spec.template.spec).toMatchObject({ nodeSelector: { pool: 'general' }, tolerations: [{ key: 'general', operator: 'Exists' }], priorityClassName: 'low' });
    expect(metaRM?.spec.template.spec).not.toHaveProperty('runtimeClassName');
  });

  it('bear its labels and annotations, and none in the place of one that selects them', () => {
    expect(sampler?.spec.template.metadata).toMatchObject({ labels: { team: 'judges', ...sampler?.spec.selector.matchLabels }, annotations: { note: 'kept' } });
  });

  it("find the server's authority beside their user, and their namespace's certificate", () => {
    const [container] = sampler?.spec.template.spec.containers ?? [];
    expect(container?.env).toEqual(expect.arrayContaining([{ name: 'GRM_NATS_CA', value: '/etc/nats/user/ca.crt' }, { name: 'GRM_NATS_CERTIFICATE', value: '/etc/nats/certificate/tls.crt' }, { name: 'GRM_NATS_KEY', value: '/etc/nats/certificate/tls.key' }]));
    expect(container?.volumeMounts).toContainEqual({ name: 'nats-certificate', mountPath: '/etc/nats/certificate', readOnly: true });
    expect(sampler?.spec.template.spec.volumes).toContainEqual({ name: 'nats-certificate', secret: { secretName: 'certificate' } });
  });
});

it('leaves the number of replicas to whoever decides it, where none is given', () => {
  const [first, second] = planServiceRevision(judge, cluster, { name: 'r0123abcd', sampler: undefined });
  expect(first?.spec).not.toHaveProperty('replicas');
  expect(second?.spec).not.toHaveProperty('replicas');
});

it('plans no gate for a service that asks for none', () => {
  expect(planGate(service('{model: {builtin: nano-judge}}'), cluster, 'r4567efgh', undefined)).toEqual([]);
});

it('selects the pods of one revision only, and voters by none', () => {
  const [sampler] = planServiceRevision(judge, cluster, { name: 'r0123abcd', sampler: 1 });
  const [other] = planServiceRevision(judge, cluster, { name: 'r4567efgh', sampler: 1 });
  expect(other?.spec.template.metadata.labels).not.toMatchObject(sampler?.spec.selector.matchLabels ?? {});
  expect(planVoters(judge, cluster, 'r4567efgh').spec.selector).toEqual(planVoters(judge, cluster, 'r0123abcd').spec.selector);
});

it.each([
  ['{}', { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '1Gi' } }],
  ['{requests: {memory: 4Gi}}', { requests: { cpu: '1', memory: '4Gi' }, limits: { memory: '4Gi' } }],
  ['{limits: {cpu: 500m, memory: 512Mi}}', { requests: { cpu: '500m', memory: '512Mi' }, limits: { cpu: '500m', memory: '512Mi' } }],
  ['{requests: {cpu: "1"}, limits: {cpu: "2", memory: 2Gi}}', { requests: { cpu: '1', memory: '2Gi' }, limits: { cpu: '2', memory: '2Gi' } }],
])('never asks for more than the limit of %s', (resources, amounts) => {
  const [sampler] = planServiceRevision(service(`{model: {builtin: nano-judge}, sampler: {resources: ${resources}}}`), cluster, { name: 'r0123abcd', sampler: 1 });
  expect(sampler?.spec.template.spec.containers[0]?.resources).toEqual(amounts);
});
