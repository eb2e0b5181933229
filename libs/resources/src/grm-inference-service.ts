import { z } from 'zod';
import { SERVICE_DEFAULTS as defaults } from './defaults.ts';
import { documented, type Rule } from './kubernetes-schema.ts';
import { modelSource } from './model-source.ts';
import { gpuProduct, resources } from './placement.ts';
import { API_VERSION, resourceMetadata } from './resource-metadata.ts';
import { rollout } from './service-rollout.ts';
import { autoscaling } from './service-autoscaling.ts';
import { type ServiceEngine, serviceEngine } from './service-engine.ts';
import { engineRules, gpusAreTheServers } from './service-engine-rules.ts';
import { template } from './template.ts';

const count = z.number().int().positive();

const sampling = documented(
  z.strictObject({
    samples: documented(count.max(1024).default(defaults.sampling.samples), 'Judgements drawn for one request, k. A request may ask for another number.'),
    temperature: documented(z.number().min(0).max(2).default(defaults.sampling.temperature), 'Sampling temperature; 0 is greedy.'),
    maxTokens: documented(count.max(131_072).default(defaults.sampling.maxTokens), 'Longest judgement, in tokens.'),
    stopping: documented(z.enum(['Never', 'Exact', 'Confident']).default(defaults.sampling.stopping), 'Exact stops when no remaining sample can change the winner, Confident at a stated error rate, Never draws all.'),
  }),
  'How judgements are drawn.',
);

const vote = documented(
  z.strictObject({
    metaRM: documented(z.enum(['Weight', 'Filter', 'None']), "Weight: scores count by the meta RM's probability. Filter: the best `keep` samples count. None: all count alike."),
    keep: documented(z.exactOptional(count.max(1024)), 'Samples that Filter keeps. Default: half.'),
  }),
  'How the samples of a request become its verdict.',
  { rule: "!has(self.keep) || self.metaRM == 'Filter'", message: 'keep belongs to metaRM: Filter' },
);

const replicas = z.number().int().min(0).max(1000);

const nodePool = documented(
  z.strictObject({ gpuProduct, gpus: documented(count.max(64).default(1), 'Whole GPUs of one replica.') }),
  'GPUs that each replica runs on; those of a server in the pod are its own. Absent: CPU.',
);

const worker = {
  replicas: documented(z.exactOptional(replicas), 'Replicas. Absent: 1, or what autoscaling decides. `kubectl scale` and an HPA write it.'),
  concurrency: documented(count.max(64).default(defaults.concurrency), 'Tasks that one replica works on at once: each with an engine worker of its own, or all before one server, which wants many.'),
  engine: serviceEngine.prefault({ embedded: {} }).describe('What computes: the process itself, or an OpenAI-compatible server. Exactly one of embedded, openAI. Default: embedded.'),
  resources: z.exactOptional(resources).describe('CPU and memory of one replica. Default: what its engine keeps busy.'),
  nodePool: z.exactOptional(nodePool).describe('GPUs that each replica runs on. Absent: CPU.'),
  autoscaling: z.exactOptional(autoscaling),
};

const oneOwner = { rule: '!(has(self.replicas) && has(self.autoscaling))', message: 'replicas and autoscaling both say how many; remove one of them' };

const gpuRule = ruleOf(gpusAreTheServers);

function workerFault(one: { readonly replicas?: number; readonly autoscaling?: unknown; readonly nodePool?: unknown; readonly engine: ServiceEngine }, context: z.RefinementCtx): void {
  if (one.replicas !== undefined && one.autoscaling !== undefined) context.addIssue({ code: 'custom', path: ['autoscaling'], message: oneOwner.message });
  if (gpusAreTheServers.broken(one)) context.addIssue({ code: 'custom', path: ['nodePool'], message: gpusAreTheServers.message });
}

const sampler = documented(z.strictObject(worker).superRefine(workerFault), 'Draws judgements.', oneOwner, gpuRule);
const metaRM = documented(
  z.strictObject({ ...worker, model: z.exactOptional(modelSource).describe('Default: the meta RM of the training run that spec.model names.') }).superRefine(workerFault),
  'Scores how sound a judgement is.',
  oneOwner,
  gpuRule,
);
const voter = documented(
  z.strictObject({
    replicas: documented(replicas.min(1).default(defaults.replicas), 'Replicas.'),
    resources: z.exactOptional(resources).describe('CPU and memory of one replica.'),
  }),
  'Takes requests, collects the samples, votes and answers.',
);

const limits = documented(
  z.strictObject({
    maxPending: documented(count.max(1_000_000).default(defaults.limits.maxPending), 'Tasks waiting in the work queue before requests are answered with overloaded.'),
    maxResponses: documented(count.max(64).default(defaults.limits.maxResponses), 'Candidate responses of one request.'),
    maxPromptTokens: documented(count.max(10_000_000).default(defaults.limits.maxPromptTokens), 'Longest prompt, in tokens.'),
  }),
  'What a request may be.',
);

const rules = engineRules(defaults.rollout.progressDeadlineSeconds);

function ruleOf({ rule, message }: Rule): Rule {
  return { rule, message };
}

const metaRMNeedsModel = {
  rule: "(has(self.vote) ? self.vote.metaRM : (has(self.metaRM) ? 'Weight' : 'None')) == 'None' || (has(self.metaRM) && has(self.metaRM.model)) || has(self.model.trainingRun)",
  message: 'a meta RM votes, so metaRM.model is needed: only a trainingRun brings its own',
};

const serviceFields = z.strictObject({
  model: modelSource.describe('The judge.'),
  template: documented(template.default(defaults.template), 'How the judge is prompted: Compact for small judges trained here, Published for general chat models.'),
  sampling: sampling.prefault({}),
  vote: z.exactOptional(vote),
  sampler: sampler.prefault({}),
  metaRM: z.exactOptional(metaRM),
  voter: voter.prefault({}),
  limits: limits.prefault({}),
  rollout: z.exactOptional(rollout),
  drainSeconds: documented(z.exactOptional(z.number().int().min(1).max(3600)), `Longest that a stopping pod may take to finish what it works on; its grace period is 10 s more. Default: ${defaults.drainSeconds}.`),
});

const spec = serviceFields
  .superRefine((service, context) => {
    const fault = (path: readonly string[], message: string) => context.addIssue({ code: 'custom', path: [...path], message });
    const rule = service.vote?.metaRM ?? (service.metaRM === undefined ? 'None' : 'Weight');
    const keep = service.vote?.keep;
    if (keep !== undefined && rule !== 'Filter') {
      fault(['vote', 'keep'], `keep belongs to metaRM: Filter, here it is ${rule}`);
    }
    if (keep !== undefined && keep > service.sampling.samples) {
      fault(['vote', 'keep'], `keep ${keep} is more than the ${service.sampling.samples} samples that are drawn`);
    }
    if (rule === 'None' && service.metaRM !== undefined) {
      fault(['metaRM'], 'a meta RM is declared but vote.metaRM is None, so nothing would ask it; remove one of them');
    }
    if (rule !== 'None' && service.metaRM?.model === undefined && !('trainingRun' in service.model)) {
      fault(['metaRM'], `vote.metaRM is ${rule}, so metaRM.model is needed: only a trainingRun brings its own`);
    }
  })
  .superRefine((service, context) => {
    for (const { path, message, broken } of rules) if (broken(service)) context.addIssue({ code: 'custom', path: [...path], message });
  })
  .transform((service) => {
    const rule = service.vote?.metaRM ?? (service.metaRM === undefined ? 'None' : 'Weight');
    const { metaRM: declared, ...rest } = service;
    const needed = rule === 'None' ? {} : { metaRM: declared ?? metaRM.parse({}) };
    return { ...rest, vote: { ...service.vote, metaRM: rule }, ...needed };
  });

const documentedSpec = documented(
  spec,
  'What is to be served, and how.',
  { rule: '!has(self.vote) || !has(self.vote.keep) || self.vote.keep <= self.sampling.samples', message: 'vote.keep is more than the samples that are drawn' },
  { rule: "!has(self.vote) || self.vote.metaRM != 'None' || !has(self.metaRM)", message: 'a meta RM is declared but vote.metaRM is None, so nothing would ask it; remove one of them' },
  metaRMNeedsModel,
  ...rules.map(ruleOf),
);

/** A judge that answers over NATS, as a manifest declares it. Only what is enforced today is accepted. */
export const grmInferenceService = z.strictObject({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal('GRMInferenceService'),
  metadata: resourceMetadata,
  spec: documentedSpec,
});

/** A service with every default filled in; `spec.metaRM` is there exactly when `spec.vote.metaRM` is not `None`. */
export type GRMInferenceService = z.output<typeof grmInferenceService>;
export type InferenceServiceSpec = GRMInferenceService['spec'];
export type ServiceWorker = InferenceServiceSpec['sampler'];
