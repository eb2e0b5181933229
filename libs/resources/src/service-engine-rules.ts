import type { Rule } from './kubernetes-schema.ts';
import type { ModelSource } from './model-source.ts';
import type { ServiceEngine } from './service-engine.ts';

interface Worker {
  readonly engine: ServiceEngine;
  readonly nodePool?: unknown;
}

/** What of a service these rules are about. */
interface EnginesOfService {
  readonly model: ModelSource;
  readonly template: string;
  readonly sampler: Worker;
  readonly metaRM?: Worker & { readonly model?: ModelSource };
  readonly rollout?: { readonly progressDeadlineSeconds: number };
}

/** A rule that is checked twice: by the API server, and here. */
interface EngineRule extends Rule {
  readonly path: readonly string[];
  readonly broken: (service: EnginesOfService) => boolean;
}

const servedOf = (engine: ServiceEngine | undefined) => (engine !== undefined && 'openAI' in engine && 'server' in engine.openAI ? engine.openAI.server : undefined);
const isServed = (source: ModelSource | undefined): boolean => source !== undefined && 'served' in source;
const canBeMounted = (source: ModelSource | undefined): boolean => source !== undefined && ('volume' in source || 'served' in source);
const isOpenAI = (engine: ServiceEngine | undefined): boolean => engine !== undefined && 'openAI' in engine;

const needsServer = 'only the server of an engine has what `served` names, so engine.openAI is needed';
const needsVolume = "a server in the pod finds its model on a volume, or has it itself: the model has to be `volume` or `served`";

/** Of one worker: a server elsewhere has GPUs of its own. */
export const gpusAreTheServers: Rule & { readonly broken: (worker: Worker) => boolean } = {
  rule: '!has(self.nodePool) || !has(self.engine) || !has(self.engine.openAI) || !has(self.engine.openAI.url)',
  message: 'nodePool gives GPUs to what computes in the pod; a server at a url has its own, so remove nodePool',
  broken: ({ nodePool, engine }) => nodePool !== undefined && 'openAI' in engine && 'url' in engine.openAI,
};

/** Between engines, models and the rest of a service. Defaults are filled in on both sides. */
export const engineRules = (progressDeadlineSeconds: number): readonly EngineRule[] => [
  {
    path: ['model'],
    rule: '!has(self.model.served) || has(self.sampler.engine.openAI)',
    message: `sampler: ${needsServer}`,
    broken: ({ model, sampler }) => isServed(model) && !isOpenAI(sampler.engine),
  },
  {
    path: ['metaRM', 'model'],
    rule: '!has(self.metaRM) || !has(self.metaRM.model) || !has(self.metaRM.model.served) || has(self.metaRM.engine.openAI)',
    message: `metaRM: ${needsServer}`,
    broken: ({ metaRM }) => isServed(metaRM?.model) && !isOpenAI(metaRM?.engine),
  },
  {
    path: ['model'],
    rule: '!has(self.sampler.engine.openAI) || !has(self.sampler.engine.openAI.server) || has(self.model.volume) || has(self.model.served)',
    message: `sampler: ${needsVolume}`,
    broken: ({ model, sampler }) => servedOf(sampler.engine) !== undefined && !canBeMounted(model),
  },
  {
    path: ['metaRM', 'model'],
    rule: '!has(self.metaRM) || !has(self.metaRM.engine.openAI) || !has(self.metaRM.engine.openAI.server) || (has(self.metaRM.model) && (has(self.metaRM.model.volume) || has(self.metaRM.model.served)))',
    message: `metaRM: ${needsVolume}`,
    broken: ({ metaRM }) => servedOf(metaRM?.engine) !== undefined && !canBeMounted(metaRM?.model),
  },
  {
    path: ['metaRM', 'model'],
    rule: "self.template != 'Published' || !has(self.metaRM) || !has(self.metaRM.model) || !has(self.metaRM.model.served)",
    message: 'metaRM: servers score texts, not chats, so with the template Published the chat template has to be read here: name the model by `volume`',
    broken: ({ template, metaRM }) => template === 'Published' && isServed(metaRM?.model),
  },
  ...(['sampler', 'metaRM'] as const).map(
    (worker): EngineRule => ({
      path: [worker, 'engine', 'openAI', 'server', 'startupSeconds'],
      rule: `${worker === 'metaRM' ? '!has(self.metaRM) || ' : ''}!has(self.${worker}.engine.openAI) || !has(self.${worker}.engine.openAI.server) || self.${worker}.engine.openAI.server.startupSeconds <= (has(self.rollout) ? self.rollout.progressDeadlineSeconds : ${progressDeadlineSeconds})`,
      message: `${worker}: the server may take longer to start than rollout.progressDeadlineSeconds (default ${progressDeadlineSeconds}) lets a roll-out wait; raise that, or lower startupSeconds`,
      broken: ({ [worker]: one, rollout }) => (servedOf(one?.engine)?.startupSeconds ?? 0) > (rollout?.progressDeadlineSeconds ?? progressDeadlineSeconds),
    }),
  ),
];
