import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RolloutSubjects, rolloutSubjects, type ServiceAddress, type ServiceSubjects, subjects } from '@grm/protocol';
import type { NatsServers } from '../nats/nats-servers.ts';
import { ConfigurationError } from './configuration-error.ts';
import { Environment } from './environment.ts';

/** How a process reaches the server that computes for it. */
export interface ServerConfiguration {
  readonly url: string;
  readonly dialect: Environment['GRM_SERVER_DIALECT'];
  /** What the server calls the model. */
  readonly model?: string;
  /** What answers call it. */
  readonly name?: string;
  readonly apiKey?: string;
  readonly maxConcurrent: number;
  readonly maxWaiting: number;
  readonly startupMs: number;
  /** Whether GRM_MODEL says where the tokenizer and chat template lie. */
  readonly hasPrompts: boolean;
}

/** What a process was told. `Configuration.load()` is the one place that reads `process.env`. */
export class Configuration {
  readonly namespace: string;
  /** The training run that the process draws for, instead of a service. */
  readonly runName: string | undefined;
  readonly nats: NatsServers;
  readonly http: { readonly host: string; readonly port: number };
  readonly endsWithStdin: boolean;
  /** Folder in which models from an object store are kept. */
  readonly modelCache: string;
  /** Object store that a trainer publishes its artefacts to; undefined: they stay in the run's folder. */
  readonly artifactsBucket: string | undefined;
  /** What answers call the model, where that is not the name of its folder or file. */
  readonly modelName: string | undefined;
  readonly engine: { readonly kind: Environment['GRM_ENGINE']; readonly weights: Environment['GRM_MODEL_WEIGHTS']; readonly threads: number };
  readonly concurrency: number;
  /** Whether only those who ask for the process's revision are answered. */
  readonly candidate: boolean;
  /** Longest that stopping may take, ms. */
  readonly drainMs: number;
  readonly template: Environment['GRM_TEMPLATE'];
  readonly sampling: {
    readonly samples: number;
    readonly temperature: number;
    readonly maxTokens: number;
    readonly stopping: Environment['GRM_STOPPING'];
  };
  readonly vote: { readonly metaRM: Environment['GRM_VOTE_META_RM']; readonly keep?: number };
  readonly limits: { readonly maxPending: number; readonly maxResponses: number; readonly maxPromptTokens: number };
  readonly log: { readonly level: Environment['GRM_LOG_LEVEL'] };
  readonly telemetry: { readonly endpoint?: string };
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
    this.namespace = environment.GRM_NAMESPACE;
    this.runName = environment.GRM_RUN_NAME;
    this.nats = natsServers(environment);
    this.http = { host: environment.GRM_HTTP_HOST, port: environment.GRM_HTTP_PORT };
    this.endsWithStdin = environment.GRM_ENDS_WITH_STDIN;
    this.modelCache = environment.GRM_MODEL_CACHE ?? join(tmpdir(), 'grm-models');
    this.artifactsBucket = environment.GRM_ARTIFACTS_BUCKET;
    this.modelName = environment.GRM_MODEL_NAME;
    this.engine = {
      kind: environment.GRM_ENGINE,
      weights: environment.GRM_MODEL_WEIGHTS,
      threads: environment.GRM_ENGINE_THREADS,
    };
    this.concurrency = environment.GRM_CONCURRENCY;
    this.candidate = environment.GRM_CANDIDATE;
    this.drainMs = environment.GRM_DRAIN_MS;
    this.template = environment.GRM_TEMPLATE;
    this.sampling = {
      samples: environment.GRM_SAMPLES,
      temperature: environment.GRM_TEMPERATURE,
      maxTokens: environment.GRM_MAX_TOKENS,
      stopping: environment.GRM_STOPPING,
    };
    this.vote = {
      metaRM: environment.GRM_VOTE_META_RM,
      ...(environment.GRM_VOTE_KEEP !== undefined && { keep: environment.GRM_VOTE_KEEP }),
    };
    this.limits = {
      maxPending: environment.GRM_MAX_PENDING,
      maxResponses: environment.GRM_MAX_RESPONSES,
      maxPromptTokens: environment.GRM_MAX_PROMPT_TOKENS,
    };
    this.log = { level: environment.GRM_LOG_LEVEL };
    const endpoint = environment.OTEL_EXPORTER_OTLP_ENDPOINT;
    this.telemetry = endpoint === undefined ? {} : { endpoint };
  }

  /** @throws ConfigurationError naming every variable that is wrong. */
  static parse(environment: Readonly<Record<string, string | undefined>>): Configuration {
    // An empty variable is how shells and manifests write "not set".
    const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));
    const result = Environment.safeParse(set);
    if (!result.success) {
      const problems = result.error.issues.map((issue) => {
        const variable = String(issue.path[0]);
        // A server URL may hold a password.
        const shown = ['GRM_NATS_URL', 'GRM_SERVER_API_KEY', 'GRM_SERVER_URL'].includes(variable) ? '' : ` (it is ${JSON.stringify(environment[variable])})`;
        return [variable, `${issue.message}${shown}`] as const;
      });
      throw new ConfigurationError(new Map(problems));
    }
    const { GRM_VOTE_KEEP: keep, GRM_SAMPLES: samples } = result.data;
    if (keep !== undefined && keep > samples) {
      throw new ConfigurationError(new Map([['GRM_VOTE_KEEP', `${keep} is above GRM_SAMPLES (${samples})`]]));
    }
    if (result.data.GRM_CANDIDATE && result.data.GRM_REVISION === undefined) {
      throw new ConfigurationError(new Map([['GRM_REVISION', 'must be set where GRM_CANDIDATE is: nobody could ask this voter for anything']]));
    }
    if (result.data.GRM_RUN_NAME !== undefined && result.data.GRM_SERVICE !== undefined) {
      throw new ConfigurationError(new Map([['GRM_RUN_NAME', 'stands beside GRM_SERVICE; a process works for a run or for a service, so set one of them']]));
    }
    if (result.data.GRM_RUN_NAME !== undefined && result.data.GRM_ENGINE === 'openai') {
      throw new ConfigurationError(new Map([['GRM_ENGINE', 'openai stands beside GRM_RUN_NAME; a run gives its samplers new weights, which no server takes, so leave it embedded']]));
    }
    return new Configuration(result.data);
  }

  static load(): Configuration {
    return Configuration.parse(process.env);
  }

  /** @throws ConfigurationError when GRM_SERVICE is not set or no valid name. */
  get address(): ServiceAddress {
    const { GRM_REVISION: revision } = this.#environment;
    return { namespace: this.namespace, service: this.#required('GRM_SERVICE', 'the name of the GRMInferenceService that this process is a part of'), ...(revision !== undefined && { revision }) };
  }

  get subjects(): ServiceSubjects {
    return subjects(this.address);
  }

  /** Names with which the process draws for a run. @throws ConfigurationError when GRM_RUN_NAME is not set or no valid name. */
  get rollouts(): RolloutSubjects {
    return rolloutSubjects({ namespace: this.namespace, run: this.#required('GRM_RUN_NAME', 'the name of the GRMTrainingRun that this process draws for') });
  }

  /** The run or the service that the process is a part of. @throws ConfigurationError when neither is set. */
  get owner(): string {
    return this.runName ?? this.address.service;
  }

  /** Where the process hears what nobody waits for any more. */
  get cancelSubject(): string {
    return this.runName === undefined ? this.subjects.cancel : this.rollouts.cancel;
  }

  /** The server that the engine `openai` asks. @throws ConfigurationError when GRM_SERVER_URL is not set. */
  get server(): ServerConfiguration {
    const { GRM_SERVER_DIALECT: dialect, GRM_SERVER_MODEL: model, GRM_SERVER_API_KEY: apiKey, GRM_MODEL_NAME: name, GRM_MODEL: prompts } = this.#environment;
    return {
      url: this.#required('GRM_SERVER_URL', 'the address of the OpenAI-compatible server that has the model'),
      dialect,
      maxConcurrent: this.#environment.GRM_SERVER_MAX_CONCURRENT,
      maxWaiting: this.#environment.GRM_SERVER_MAX_WAITING,
      startupMs: this.#environment.GRM_SERVER_STARTUP_SECONDS * 1000,
      hasPrompts: prompts !== undefined,
      ...(model === undefined ? {} : { model }),
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(name === undefined ? {} : { name }),
    };
  }

  /** @throws ConfigurationError when GRM_MODEL is not set. */
  get model(): string {
    return this.#required('GRM_MODEL', 'the model to serve: a folder, a .gguf file, or nats://BUCKET/KEY in an object store');
  }

  /** A training run's manifest and folder. @throws ConfigurationError when GRM_RUN or GRM_RUN_FOLDER is not set. */
  get run(): { readonly manifest: string; readonly folder: string } {
    return {
      manifest: this.#required('GRM_RUN', 'the path of the GRMTrainingRun manifest'),
      folder: this.#required('GRM_RUN_FOLDER', 'the folder that the run works in'),
    };
  }

  #required(variable: 'GRM_SERVICE' | 'GRM_RUN_NAME' | 'GRM_MODEL' | 'GRM_SERVER_URL' | 'GRM_RUN' | 'GRM_RUN_FOLDER', what: string): string {
    const value = this.#environment[variable];
    if (value === undefined) throw new ConfigurationError(new Map([[variable, `must be set to ${what}`]]));
    return value;
  }
}

function natsServers(environment: Environment): NatsServers {
  const { GRM_NATS_URL: servers, GRM_NATS_CREDENTIALS: credentials, GRM_NATS_CA: certificateAuthority, GRM_NATS_CERTIFICATE: certificate, GRM_NATS_KEY: key, GRM_NATS_INBOX_PREFIX: inboxPrefix } = environment;
  if (certificate === undefined && key !== undefined) throw new ConfigurationError(new Map([['GRM_NATS_CERTIFICATE', 'must be set to the file of the certificate where GRM_NATS_KEY is set']]));
  if (certificate !== undefined && key === undefined) throw new ConfigurationError(new Map([['GRM_NATS_KEY', "must be set to the file of the certificate's key where GRM_NATS_CERTIFICATE is set"]]));
  return {
    servers,
    ...(credentials === undefined ? {} : { credentials }),
    ...(certificateAuthority === undefined ? {} : { certificateAuthority }),
    ...(certificate === undefined || key === undefined ? {} : { clientCertificate: { certificate, key } }),
    ...(inboxPrefix === undefined ? {} : { inboxPrefix }),
  };
}
