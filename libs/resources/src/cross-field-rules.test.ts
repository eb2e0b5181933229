import { describe, expect, it } from 'vitest';
import { parseResource } from './parse-resource.ts';

function verdictOn(kind: string, spec: unknown): string {
  const result = parseResource({ apiVersion: 'grm.dev/v1alpha1', kind, metadata: { name: 'nano' }, spec });
  return result.ok ? 'accepted' : result.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n');
}

const judge = { builtin: 'nano-judge' };
const pairs = [{ name: 'pairs', builtin: 'nanobench' }];
const shape = { hiddenSize: 128, layers: 4, heads: 4, intermediateSize: 352, vocabularySize: 1000 };
const pretrain = { corpus: { builtin: 'nanobench' }, tokens: 5e6 };

describe('a GRMTrainingRun', () => {
  it.each([
    ['both base and model', { base: judge, model: shape, stages: { pretrain } }, 'cannot stand beside base'],
    ['neither base nor model', { stages: { pretrain } }, 'either base'],
    ['a model from scratch without pretraining', { model: shape, data: pairs, stages: { metaRM: {} } }, 'needs the stage pretrain'],
    ['no stage', { base: judge, stages: {} }, 'at least one stage'],
    ['a meta RM stage without data', { base: judge, stages: { metaRM: {} } }, 'needs preference items'],
    ['two datasets of one name', { base: judge, data: [...pairs, ...pairs], stages: { metaRM: {} } }, 'data.1.name: a second dataset'],
    ['two sources in one union', { base: { ...judge, volume: { path: 'x' } }, stages: { pretrain } }, 'exactly one of builtin, volume, trainingRun, objectStore is needed, found builtin and volume'],
    ['no source in a union', { base: {}, stages: { pretrain } }, 'found none'],
    ['a width that the heads do not divide', { model: { ...shape, hiddenSize: 130 }, stages: { pretrain } }, 'multiple of twice'],
    ['key/value heads that do not divide the heads', { model: { ...shape, keyValueHeads: 3 }, stages: { pretrain } }, 'must divide'],
    ['a fractional number of tokens', { model: shape, stages: { pretrain: { ...pretrain, tokens: 0.5 } } }, 'spec.stages.pretrain.tokens'],
    ['rft that has nothing to learn', { base: judge, data: pairs, stages: { rft: { samplesPerItem: 0, hintedSamplesPerItem: 0 } } }, 'there would be nothing to learn'],
    ['general data without an end', { base: judge, data: pairs, stages: { rft: { samplesPerItem: 0, hintedSamplesPerItem: 0, general: { corpus: { builtin: 'nanobench' } } } } }, 'set steps'],
    ['two lengths of a stage', { base: judge, data: pairs, stages: { rft: { epochs: 1, steps: 5 } } }, 'remove one of them'],
    ['a batch of broken groups', { base: judge, data: pairs, stages: { grpo: { batchSize: 10, groupSize: 4 } } }, 'must be a multiple of groupSize 4'],
    ['an evaluation of nothing', { base: judge, stages: { evaluation: { suites: [] } } }, 'at least one suite'],
    ['a single checkpoint', { base: judge, data: pairs, stages: { grpo: {} }, checkpoint: { keep: 1 } }, 'spec.checkpoint.keep'],
    ['an engine that only a plan knows', { base: judge, data: pairs, stages: { grpo: {} }, engine: { distributed: { nodes: 16 } } }, 'spec.engine.distributed: not supported yet'],
    ['a node pool', { base: judge, data: pairs, stages: { grpo: {} }, nodePool: { gpuProduct: 'A100', gpusPerNode: 8 } }, 'spec.nodePool: needs the operator'],
    ['more cores asked for than it may take', { base: judge, stages: { pretrain }, resources: { requests: { cpu: '2' }, limits: { cpu: '1500m' } } }, 'spec.resources.requests.cpu: requests.cpu is more than limits.cpu'],
    ['a GPU that no label can name', { base: judge, stages: { pretrain }, nodePool: { gpuProduct: 'A 100', gpusPerNode: 1 } }, 'spec.nodePool.gpuProduct'],
    ['a claim of no size', { base: judge, stages: { pretrain }, storage: { size: '0Gi' } }, 'spec.storage.size'],
    ['a storage class that cannot be', { base: judge, stages: { pretrain }, storage: { storageClassName: 'Fast' } }, 'spec.storage.storageClassName'],
    ['another device', { base: judge, stages: { pretrain }, engine: { embedded: { device: 'cuda' } } }, 'expected "cpu"'],
  ])('is refused with %s', (_, spec, message) => {
    expect(verdictOn('GRMTrainingRun', spec)).toContain(message);
  });

  it('may start from a folder', () => {
    expect(verdictOn('GRMTrainingRun', { base: { volume: { path: './m' } }, stages: { pretrain } })).toBe('accepted');
  });
});

it('a plan may name engines and node pools that no run can use yet', () => {
  const spec = { base: judge, data: pairs, stages: { grpo: {} }, engine: { distributed: { nodes: 16 } }, nodePool: { gpuProduct: 'A100', gpusPerNode: 8 } };
  expect(parseResource({ apiVersion: 'grm.dev/v1alpha1', kind: 'GRMTrainingRun', metadata: { name: 'nano' }, spec }, 'plan').ok).toBe(true);
});

describe('a GRMInferenceService', () => {
  const metaRM = { model: { builtin: 'nano-meta-rm' } };
  it.each([
    ['keep above samples', { model: judge, metaRM, sampling: { samples: 4 }, vote: { metaRM: 'Filter', keep: 5 } }, 'keep 5 is more than the 4 samples'],
    ['keep above the default samples', { model: judge, metaRM, vote: { metaRM: 'Filter', keep: 9 } }, 'more than the 8 samples'],
    ['keep without a filter', { model: judge, metaRM, vote: { metaRM: 'Weight', keep: 2 } }, 'keep belongs to metaRM: Filter'],
    ['a meta RM that nothing asks', { model: judge, metaRM, vote: { metaRM: 'None' } }, 'nothing would ask it'],
    ['a meta RM without a model', { model: judge, vote: { metaRM: 'Weight' } }, 'metaRM.model is needed'],
    ['no model', {}, 'spec.model'],
    ['no sample', { model: judge, sampling: { samples: 0 } }, 'spec.sampling.samples'],
    ['fewer replicas than none', { model: judge, sampler: { replicas: -1 } }, 'spec.sampler.replicas'],
    ['two owners of its replicas', { model: judge, sampler: { replicas: 2, autoscaling: { maxReplicas: 3 } } }, 'replicas and autoscaling both say how many'],
    ['more replicas at least than at most', { model: judge, sampler: { autoscaling: { minReplicas: 4, maxReplicas: 3 } } }, 'minReplicas is more than maxReplicas'],
    ['a roll-out that cannot move', { model: judge, rollout: { maxSurge: 0, maxUnavailable: 0 } }, 'nothing could ever be replaced'],
    ['more memory asked for than it may take', { model: judge, voter: { resources: { requests: { memory: '1Gi' }, limits: { memory: '1G' } } } }, 'requests.memory is more than limits.memory'],
    ['two engines', { model: judge, sampler: { engine: { embedded: {}, openAI: { dialect: 'VLLM', url: 'http://vllm' } } } }, 'exactly one of embedded, openAI is needed, found embedded and openAI'],
    ['a server that only a cluster has', { model: { volume: { path: 'm' } }, sampler: { engine: { openAI: { dialect: 'VLLM', server: { image: 'vllm:1' } } } } }, 'spec.sampler.engine.openAI.server: needs the operator'],
    ['a Secret that only a cluster has', { model: judge, sampler: { engine: { openAI: { dialect: 'VLLM', url: 'http://vllm', apiKeySecret: { name: 'key' } } } } }, 'spec.sampler.engine.openAI.apiKeySecret: needs the operator'],
    ['a server of an unknown kind', { model: judge, sampler: { engine: { openAI: { dialect: 'Ollama', url: 'http://ollama' } } } }, 'spec.sampler.engine.openAI.dialect'],
    ['an address with a password in it', { model: judge, sampler: { engine: { openAI: { dialect: 'VLLM', url: 'http://user:word@vllm' } } } }, 'without a user, query or fragment'],
    ['a model that only a server has, and none to ask', { model: { served: { name: 'judge' } } }, 'spec.model: sampler: only the server of an engine has what `served` names'],
    ['a gate that lets everything pass', { model: judge, rollout: { gate: {} } }, 'a gate needs minAccuracy or minAgreement'],
  ])('is refused with %s', (_, spec, message) => {
    expect(verdictOn('GRMInferenceService', spec)).toContain(message);
  });

  it('takes the meta RM of its training run, and weighs by it, without being told its model', () => {
    const parsed = parseResource({
      apiVersion: 'grm.dev/v1alpha1',
      kind: 'GRMInferenceService',
      metadata: { name: 'nano' },
      spec: { model: { trainingRun: { name: 'nano' } }, vote: { metaRM: 'Weight' } },
    });
    expect(parsed).toMatchObject({ resource: { spec: { metaRM: { concurrency: 1 } } } });
  });

  it('votes plainly where no meta RM is declared', () => {
    const parsed = parseResource({ apiVersion: 'grm.dev/v1alpha1', kind: 'GRMInferenceService', metadata: { name: 'nano' }, spec: { model: judge } });
    expect(parsed).toMatchObject({ ok: true, resource: { spec: { vote: { metaRM: 'None' } } } });
    expect(parsed).not.toHaveProperty('resource.spec.metaRM');
  });
});
