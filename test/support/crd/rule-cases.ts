import type { GrmKind } from './chart-crds.ts';

/** One rule between the fields of a spec, with a spec that keeps it and specs that break it and nothing else. */
export interface RuleCase {
  readonly kind: GrmKind;
  /** Where the rule stands; `[]` for any index. */
  readonly at: string;
  readonly message: string;
  readonly accepted: object;
  readonly refused: readonly object[];
}

const builtin = { builtin: 'nano-judge' };
const corpus = { builtin: 'nanobench' };
const volume = { claimName: 'models', path: 'judge' };
const pairs = { name: 'pairs', ...corpus };
const shape = { hiddenSize: 128, layers: 4, heads: 4, intermediateSize: 352, vocabularySize: 1200 };
const pretrain = { corpus, tokens: 5e6 };

export const smallRun = { base: builtin, data: [pairs], stages: { metaRM: {} } };
export const smallService = { model: builtin };

const run = (spec: object): object => ({ ...smallRun, ...spec });
const staged = (stages: object): object => run({ stages });
const service = (spec: object): object => ({ ...smallService, ...spec });
const rule = (kind: GrmKind, make: (spec: object) => object) => (at: string, message: string, accepted: object, ...refused: readonly object[]): RuleCase => ({ kind, at, message, accepted: make(accepted), refused: refused.map(make) });
const runRule = rule('GRMTrainingRun', run);
const serviceRule = rule('GRMInferenceService', service);

/** The two rules of a source that may be a volume: one of its kinds, and a claim. */
function source(kind: GrmKind, at: string, kinds: string, other: object, spec: (source: object) => object): RuleCase[] {
  const both = { ...other, volume };
  return [
    { kind, at, message: `exactly one of ${kinds} is needed`, accepted: spec({ volume }), refused: [spec({}), ...(Object.keys(other).length === 0 ? [] : [spec(both)])] },
    { kind, at: `${at}.volume`, message: 'volume.claimName is needed on a cluster: the PersistentVolumeClaim that holds the path', accepted: spec({ volume }), refused: [spec({ volume: { path: 'judge' } })] },
  ];
}

const sources: readonly RuleCase[] = [
  ...source('GRMTrainingRun', 'spec.base', 'builtin, volume, trainingRun, objectStore', builtin, (base) => run({ base })),
  ...source('GRMTrainingRun', 'spec.data[]', 'builtin, volume', corpus, (one) => run({ data: [pairs, { name: 'own', ...one }] })),
  ...source('GRMTrainingRun', 'spec.stages.pretrain.corpus', 'builtin, volume', corpus, (one) => staged({ pretrain: { corpus: one, tokens: 5e6 } })),
  ...source('GRMTrainingRun', 'spec.stages.rft.kept', 'volume', {}, (kept) => staged({ rft: { kept } })),
  ...source('GRMTrainingRun', 'spec.stages.rft.general.corpus', 'builtin, volume', corpus, (one) => staged({ rft: { general: { corpus: one } } })),
  ...source('GRMTrainingRun', 'spec.stages.grpo.filter.model', 'builtin, volume, trainingRun, objectStore', builtin, (model) => staged({ grpo: { filter: { model } } })),
  ...source('GRMTrainingRun', 'spec.stages.evaluation.suites[]', 'builtin, volume', corpus, (one) => staged({ evaluation: { suites: [pairs, { name: 'own', ...one }] } })),
  ...source('GRMTrainingRun', 'spec.checkpoint.to', 'volume, objectStore', { objectStore: { bucket: 'checkpoints' } }, (to) => run({ checkpoint: { to } })),
  ...source('GRMInferenceService', 'spec.model', 'trainingRun, builtin, volume, objectStore, served', builtin, (model) => ({ model })),
  ...source('GRMInferenceService', 'spec.metaRM.model', 'trainingRun, builtin, volume, objectStore, served', builtin, (model) => service({ metaRM: { model } })),
];

const nothingToLearn = { samplesPerItem: 0, hintedSamplesPerItem: 0 };
const twoLengths = 'epochs and steps both say how long the stage lasts; remove one of them';

const runRules: readonly RuleCase[] = [
  runRule('spec', 'model describes a model from scratch, so it cannot stand beside base; remove one of them', { stages: { pretrain } }, { model: shape, stages: { pretrain } }),
  runRule('spec', 'either base (a model to start from) or model (the shape of one to train from scratch) is needed', {}, { base: undefined }),
  runRule('spec', 'a model from scratch needs the stage pretrain', { base: undefined, model: shape, stages: { pretrain, metaRM: {} } }, { base: undefined, model: shape }),
  runRule(
    'spec',
    'the stages rft, grpo and metaRM need preference items; add e.g. {name: pairs, builtin: nanobench}',
    { data: [], stages: { pretrain } },
    { data: [] },
    { data: undefined, stages: { rft: {} } },
    { data: [], stages: { grpo: {} } },
  ),
  runRule('spec.model', 'hiddenSize must be a multiple of twice the heads, because rotary embeddings turn pairs', { base: undefined, model: shape, stages: { pretrain } }, { base: undefined, model: { ...shape, hiddenSize: 132 }, stages: { pretrain } }),
  runRule('spec.model', 'keyValueHeads must divide heads', { base: undefined, model: { ...shape, keyValueHeads: 2 }, stages: { pretrain } }, { base: undefined, model: { ...shape, keyValueHeads: 3 }, stages: { pretrain } }),
  runRule('spec.stages', 'at least one stage is needed: pretrain, rft, grpo, metaRM, evaluation', { stages: { evaluation: { suites: [pairs] } } }, { stages: {} }),
  runRule('spec.stages.rft', twoLengths, { stages: { rft: { steps: 10 } } }, { stages: { rft: { steps: 10, epochs: 1 } } }),
  runRule(
    'spec.stages.rft',
    'no judgement is drawn and no general data is named: there would be nothing to learn',
    { stages: { rft: { ...nothingToLearn, kept: { volume } } } },
    { stages: { rft: nothingToLearn } },
  ),
  runRule(
    'spec.stages.rft',
    'without judgements nothing says how much general data to take; set steps',
    { stages: { rft: { ...nothingToLearn, general: { corpus }, steps: 5 } } },
    { stages: { rft: { ...nothingToLearn, general: { corpus } } } },
  ),
  runRule('spec.stages.grpo', 'batchSize must be a multiple of groupSize: whole groups are learnt from', { stages: { grpo: { batchSize: 12 } } }, { stages: { grpo: { batchSize: 10 } } }, { stages: { grpo: { groupSize: 3 } } }),
  runRule('spec.stages.metaRM', twoLengths, { stages: { metaRM: { epochs: 1 } } }, { stages: { metaRM: { steps: 10, epochs: 1 } } }),
  runRule('spec.artifacts.to', 'exactly one of objectStore is needed', { artifacts: { to: { objectStore: { bucket: 'models' } } } }, { artifacts: { to: {} } }),
];

const metaRM = { model: builtin };
const twoOwners = 'replicas and autoscaling both say how many; remove one of them';
const autoscaling = { maxReplicas: 4 };

const serviceRules: readonly RuleCase[] = [
  serviceRule('spec', 'vote.keep is more than the samples that are drawn', { metaRM, vote: { metaRM: 'Filter', keep: 8 } }, { metaRM, vote: { metaRM: 'Filter', keep: 9 } }, { metaRM, sampling: { samples: 2 }, vote: { metaRM: 'Filter', keep: 3 } }),
  serviceRule('spec', 'a meta RM is declared but vote.metaRM is None, so nothing would ask it; remove one of them', { vote: { metaRM: 'None' } }, { vote: { metaRM: 'None' }, metaRM }),
  serviceRule(
    'spec',
    'a meta RM votes, so metaRM.model is needed: only a trainingRun brings its own',
    { model: { trainingRun: { name: 'nano' } }, vote: { metaRM: 'Weight' } },
    { vote: { metaRM: 'Weight' } },
    { metaRM: {} },
    { vote: { metaRM: 'Filter' }, metaRM: {} },
  ),
  serviceRule('spec.vote', 'keep belongs to metaRM: Filter', { metaRM, vote: { metaRM: 'Filter', keep: 2 } }, { metaRM, vote: { metaRM: 'Weight', keep: 2 } }),
  serviceRule('spec.sampler', twoOwners, { sampler: { autoscaling } }, { sampler: { replicas: 2, autoscaling } }),
  serviceRule('spec.metaRM', twoOwners, { metaRM: { ...metaRM, replicas: 2 } }, { metaRM: { ...metaRM, replicas: 0, autoscaling } }),
  serviceRule('spec.sampler.autoscaling', 'minReplicas is more than maxReplicas', { sampler: { autoscaling: { minReplicas: 4, ...autoscaling } } }, { sampler: { autoscaling: { minReplicas: 5, ...autoscaling } } }),
  serviceRule('spec.metaRM.autoscaling', 'minReplicas is more than maxReplicas', { metaRM: { ...metaRM, autoscaling } }, { metaRM: { ...metaRM, autoscaling: { minReplicas: 5, ...autoscaling } } }),
  serviceRule('spec.rollout', 'maxSurge and maxUnavailable are both 0, so nothing could ever be replaced', { rollout: { maxSurge: 1, maxUnavailable: 0 } }, { rollout: { maxSurge: 0, maxUnavailable: 0 } }, { rollout: { maxUnavailable: 0 } }),
  serviceRule('spec.rollout.gate', 'a gate needs minAccuracy or minAgreement: without either it would let everything pass', { rollout: { gate: { minAgreement: 0.9 } } }, { rollout: { gate: {} } }),
];

const url = 'http://vllm.models:8000';
const server = { image: 'vllm/vllm-openai:v0.11.0' };
const openAI = (where: object) => ({ engine: { openAI: { dialect: 'VLLM', ...where } } });
const served = { served: { name: 'judge' } };
const slow = openAI({ server: { ...server, startupSeconds: 1800 } });
const patient = { rollout: { progressDeadlineSeconds: 2400 } };
const nodePool = { gpuProduct: 'NVIDIA-A100-SXM4-80GB' };
const needsServer = 'only the server of an engine has what `served` names, so engine.openAI is needed';
const needsVolume = 'a server in the pod finds its model on a volume, or has it itself: the model has to be `volume` or `served`';
const tooSlow = 'the server may take longer to start than rollout.progressDeadlineSeconds (default 600) lets a roll-out wait; raise that, or lower startupSeconds';
const gpusElsewhere = 'nodePool gives GPUs to what computes in the pod; a server at a url has its own, so remove nodePool';

/** Rules of the engine of one worker; `make` puts the worker into a service with a model that any server takes. */
const engineOf = (worker: 'sampler' | 'metaRM', make: (fields: object) => object): RuleCase[] => {
  const at = `spec.${worker}.engine`;
  const one = (where: string, message: string, accepted: object, ...refused: readonly object[]): RuleCase => ({ kind: 'GRMInferenceService', at: where, message, accepted: make(accepted), refused: refused.map(make) });
  const withEnvironment = (...environment: readonly object[]) => openAI({ server: { ...server, environment } });
  return [
    one(at, 'exactly one of embedded, openAI is needed', openAI({ url }), { engine: {} }, { engine: { embedded: {}, ...openAI({ url }).engine } }),
    one(`${at}.openAI`, 'exactly one of url, server is needed', openAI({ server }), openAI({}), openAI({ url, server })),
    one(`${at}.openAI.server`, 'port 8080 is where the process that asks the server listens', openAI({ server: { ...server, port: 8081 } }), openAI({ server: { ...server, port: 8080 } })),
    one(`${at}.openAI.server.environment[]`, 'exactly one of value, secret is needed', withEnvironment({ name: 'HF_TOKEN', secret: { name: 'hub', key: 'token' } }), withEnvironment({ name: 'HF_TOKEN' }), withEnvironment({ name: 'A', value: 'a', secret: { name: 'hub', key: 'token' } })),
    one(`${at}.openAI.server.environment[]`, 'variables that start with GRM_ are set already; choose another name', withEnvironment({ name: 'A', value: 'a' }), withEnvironment({ name: 'GRM_MODEL', value: 'a' })),
    one(`spec.${worker}`, gpusElsewhere, { ...openAI({ server }), nodePool }, { ...openAI({ url }), nodePool }),
    { ...one('spec', `${worker}: ${tooSlow}`, {}), accepted: { ...make(slow), ...patient }, refused: [make(slow), { ...make(slow), rollout: {} }] },
  ];
};

const engines: readonly RuleCase[] = [
  ...engineOf('sampler', (sampler) => ({ model: { volume }, sampler })),
  ...engineOf('metaRM', (fields) => service({ metaRM: { model: { volume }, ...fields } })),
  serviceRule('spec', `sampler: ${needsServer}`, { model: served, sampler: openAI({ url }) }, { model: served }),
  serviceRule('spec', `metaRM: ${needsServer}`, { metaRM: { model: served, ...openAI({ url }) } }, { metaRM: { model: served } }),
  serviceRule('spec', `sampler: ${needsVolume}`, { model: served, sampler: openAI({ server }) }, { sampler: openAI({ server }) }),
  serviceRule('spec', `metaRM: ${needsVolume}`, { metaRM: { model: { volume }, ...openAI({ server }) } }, { metaRM: { ...metaRM, ...openAI({ server }) } }),
  serviceRule(
    'spec',
    'metaRM: servers score texts, not chats, so with the template Published the chat template has to be read here: name the model by `volume`',
    { template: 'Published', metaRM: { model: { volume }, ...openAI({ url }) } },
    { template: 'Published', metaRM: { model: served, ...openAI({ url }) } },
  ),
];

/** The two rules of what a container asks for and may take. */
const amounts = (kind: GrmKind, at: string, spec: (resources: object) => object): RuleCase[] => [
  {
    kind,
    at,
    message: 'requests.cpu is more than limits.cpu',
    accepted: spec({ requests: { cpu: '0.5', memory: '1Gi' }, limits: { cpu: '500m' } }),
    refused: [spec({ requests: { cpu: '2' }, limits: { cpu: '1500m' } })],
  },
  {
    kind,
    at,
    message: 'requests.memory is more than limits.memory',
    accepted: spec({ requests: { memory: '1Gi' }, limits: { cpu: '1', memory: '1024Mi' } }),
    refused: [spec({ requests: { memory: '1Gi' }, limits: { memory: '1G' } })],
  },
];

const placed: readonly RuleCase[] = [
  ...amounts('GRMTrainingRun', 'spec.resources', (resources) => run({ resources })),
  ...amounts('GRMInferenceService', 'spec.sampler.resources', (resources) => service({ sampler: { resources } })),
  ...amounts('GRMInferenceService', 'spec.metaRM.resources', (resources) => service({ metaRM: { ...metaRM, resources } })),
  ...amounts('GRMInferenceService', 'spec.voter.resources', (resources) => service({ voter: { resources } })),
  ...amounts('GRMInferenceService', 'spec.sampler.engine.openAI.server.resources', (resources) => ({ model: served, sampler: openAI({ server: { ...server, resources } }) })),
  ...amounts('GRMInferenceService', 'spec.metaRM.engine.openAI.server.resources', (resources) => service({ metaRM: { model: served, ...openAI({ server: { ...server, resources } }) } })),
];

/** Every rule that a spec alone can break. */
export const ruleCases: readonly RuleCase[] = [...sources, ...runRules, ...serviceRules, ...engines, ...placed];
