import { clusterSite, parseOperatorConfiguration } from '@grm/operator';
import { type GRMInferenceService, type GRMTrainingRun, parseResource } from '@grm/resources';
import { type KubernetesObject, networkPolicy, planCandidate, planGate, planRunStorage, planServiceRevision, planServiceSurroundings, planTrainingRun, planVoters, type Site } from '@grm/workloads';

const a100 = 'NVIDIA-A100-SXM4-80GB';

/** Something that is planned, and the objects that come of it in a namespace. */
export interface PlannedCase {
  readonly name: string;
  readonly plan: (namespace: string) => KubernetesObject[];
}

/** The cluster as the operator sees it: with everything that an administrator may say, or with as little as will do. */
function siteOf(kind: 'plain' | 'everything'): Site {
  const everything = {
    GRM_SERVICES_NATS_CA_CONFIG_MAP: 'nats-ca',
    GRM_IMAGE_PULL_SECRETS: 'registry,mirror',
    GRM_SERVICES_NATS_CERTIFICATE_SECRET: 'nats-certificate',
    GRM_SERVICES_PODS: JSON.stringify({
      nodeSelector: { pool: 'general' },
      tolerations: [{ key: 'general', operator: 'Equal', value: 'yes', effect: 'NoExecute', tolerationSeconds: 60 }],
      labels: { team: 'judges' },
      annotations: { 'example.com/note': 'kept' },
      gpuPool: { nodeLabel: 'cloud.google.com/gke-accelerator', products: { [a100]: 'nvidia-a100-80gb' } },
    }),
    OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector.monitoring:4318',
  };
  const { services } = parseOperatorConfiguration({
    GRM_OPERATOR_NAMESPACE: 'grm-system',
    GRM_NATS_URL: 'tls://nats.grm-system:4222',
    GRM_SERVICES_IMAGE: 'grm:test',
    ...(kind === 'everything' ? everything : {}),
  });
  const artifact = (run: string, which: string) => ({ name: run, uri: `nats://grm-models/${run}/${which}`, digest: `sha256:${'0'.repeat(64)}` });
  return clusterSite({ image: services.image, services, credentials: kind === 'everything', artifact });
}

const serving = 'r0aaaaaaa';
const candidate = 'r1bbbbbbb';

interface Named {
  readonly kind: 'GRMTrainingRun' | 'GRMInferenceService';
  readonly namespace: string;
  readonly name: string;
}

/** The objects that the operator may come to make for a resource: none where it cannot read the spec. */
export function planOf({ kind, namespace, name }: Named, spec: object, at: 'plain' | 'everything' | Site): KubernetesObject[] {
  const site = typeof at === 'string' ? siteOf(at) : at;
  const result = parseResource({ apiVersion: 'grm.dev/v1alpha1', kind, metadata: { name, namespace, labels: { team: 'search' } }, spec }, 'cluster');
  if (!result.ok) return [];
  return result.resource.kind === 'GRMTrainingRun' ? planOfRun(result.resource, site) : planOfService(result.resource, site);
}

const planOfRun = (run: GRMTrainingRun, site: Site): KubernetesObject[] => [planRunStorage(run), networkPolicy(run, 'trainer', site), ...planTrainingRun(run, site)];

function planOfService(service: GRMInferenceService, site: Site): KubernetesObject[] {
  return [
    ...planServiceSurroundings(service, site),
    ...planServiceRevision(service, site, { name: serving, sampler: 2, metaRM: 1 }),
    ...planServiceRevision(service, site, { name: candidate, sampler: undefined }),
    planVoters(service, site, serving),
    ...planCandidate(service, site, candidate),
    ...planGate(service, site, candidate, serving),
  ];
}

const pairs = { name: 'pairs', builtin: 'nanobench' };
const resources = { requests: { cpu: '0.009', memory: '1.5Gi' }, limits: { cpu: '2300m', memory: '2048Mi' } };
const volume = (path: string) => ({ volume: { claimName: 'data', path } });
const gate = { minAccuracy: 0.7, minAgreement: 0.9 };
const longest = 'x'.repeat(63);
const longestClaim = `${'c'.repeat(55)}-${'d'.repeat(7)}`;

const fullRun = {
  base: volume('base'),
  data: [pairs, { name: 'own', volume: { claimName: longestClaim, path: '/items.jsonl' } }],
  stages: { pretrain: { corpus: volume('texts'), tokens: 10 }, rft: { kept: volume('kept.jsonl') }, grpo: { filter: { model: { objectStore: { bucket: 'models', key: 'judge' } } } }, evaluation: { suites: [{ name: 'own', ...volume('suite.jsonl') }] } },
  checkpoint: { to: { volume: { claimName: 'checkpoints', path: 'run' } } },
  rollouts: { replicas: 2, threads: 2 },
  nodePool: { gpuProduct: a100, gpusPerNode: 8 },
  resources,
  storage: { size: '1.5Ti', storageClassName: 'fast', accessMode: 'ReadWriteMany' },
  queueName: 'research',
  activeDeadlineSeconds: 3600,
};
const fullService = {
  model: volume('judge.gguf'),
  metaRM: { model: { trainingRun: { name: 'nano' } }, nodePool: { gpuProduct: a100 }, resources },
  vote: { metaRM: 'Filter', keep: 3 },
  sampler: { nodePool: { gpuProduct: a100, gpus: 2 }, resources, concurrency: 2, autoscaling: { minReplicas: 0, maxReplicas: 8 } },
  voter: { replicas: 3, resources },
  rollout: { maxSurge: 1, maxUnavailable: 0, gate },
  drainSeconds: 300,
};

const server = { image: 'vllm/vllm-openai:v0.11.0', args: ['--max-model-len', '16384'], environment: [{ name: 'HF_TOKEN', secret: { name: 'hub', key: 'token' } }, { name: 'VLLM_LOGGING_LEVEL', value: 'WARNING' }], sharedMemory: '16Gi', resources, startupSeconds: 1800 };
const serviceOnServers = {
  model: volume('judge'),
  template: 'Published',
  sampler: { concurrency: 16, nodePool: { gpuProduct: a100, gpus: 2 }, engine: { openAI: { dialect: 'VLLM', server, apiKeySecret: { name: 'judge-key' } } } },
  metaRM: { model: volume('meta'), engine: { openAI: { dialect: 'SGLang', url: 'https://meta.models:8443/v1', servedModelName: 'meta' } } },
  rollout: { progressDeadlineSeconds: 2400 },
};

const run = (name: string, spec: object, site: 'plain' | 'everything') => (namespace: string) => planOf({ kind: 'GRMTrainingRun', namespace, name }, spec, site);
const service = (name: string, spec: object, site: 'plain' | 'everything') => (namespace: string) => planOf({ kind: 'GRMInferenceService', namespace, name }, spec, site);

export const plannedCases: readonly PlannedCase[] = [
  { name: 'a run on CPU', plan: run('nano', { base: { builtin: 'nano-judge' }, data: [pairs], stages: { metaRM: {} } }, 'plain') },
  { name: 'a run with everything', plan: run('full', fullRun, 'everything') },
  { name: 'a run of the longest name', plan: run(longest, fullRun, 'everything') },
  { name: 'a service on CPU', plan: service('nano', { model: { builtin: 'nano-judge' } }, 'plain') },
  { name: 'a service with a gate', plan: service('gated', { model: { trainingRun: { name: 'nano' } }, metaRM: {}, rollout: { gate } }, 'plain') },
  { name: 'a service with everything', plan: service('full', fullService, 'everything') },
  { name: 'a service on servers of its own and elsewhere', plan: service('servers', serviceOnServers, 'everything') },
  { name: 'a service of the longest name', plan: service(longest, { ...fullService, model: { volume: { claimName: longestClaim, path: 'judge' } } }, 'everything') },
];
