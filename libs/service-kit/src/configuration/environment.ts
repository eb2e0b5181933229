import { defaults, GrmError, isModelAddress, limits, metaRMRules, parseModelAddress, stoppingModes } from '@grm/protocol';
import { z } from 'zod';

/** As the engine knows them; this room knows none of its engines. */
const serverDialects = ['VLLM', 'SGLang', 'LlamaCpp'] as const;

const whole = (minimum: number, maximum: number) => z.coerce.number().int().min(minimum).max(maximum);
const port = whole(0, 65_535);

/** Every environment variable that a service process reads, with its form and default. */
export const Environment = z.object({
  /** One or more server URLs, separated by commas. */
  GRM_NATS_URL: z
    .string()
    .default('nats://127.0.0.1:4222')
    .transform((list) => list.split(',').map((server) => server.trim()))
    .refine((servers) => servers.every((server) => hostOf(server) !== ''), 'expected nats://HOST:PORT, or several separated by commas'),
  /** File of the process's NATS user: `.creds`, or an nkey seed. */
  GRM_NATS_CREDENTIALS: z.string().optional(),
  /** PEM file of the authority that signs the NATS servers' certificates. */
  GRM_NATS_CA: z.string().optional(),
  /** PEM files of the process's own certificate and of its key, for servers that ask for one: both or neither. */
  GRM_NATS_CERTIFICATE: z.string().optional(),
  GRM_NATS_KEY: z.string().optional(),
  /** Where the process may be answered; without it, what its credentials say. */
  GRM_NATS_INBOX_PREFIX: z
    .string()
    .regex(/^[-\w]+(\.[-\w]+)*$/, 'expected a subject without wildcards')
    .optional(),
  GRM_NAMESPACE: z.string().default('default'),
  GRM_SERVICE: z.string().optional(),
  /** In place of GRM_SERVICE: the GRMTrainingRun that a sampler draws for. It gets its weights from the run's trainer, so GRM_MODEL is not read. */
  GRM_RUN_NAME: z.string().optional(),
  /** Revision of the service's model that the process works for: it has a queue of its own. */
  GRM_REVISION: z.string().optional(),
  /** A voter that only those hear who ask for its revision. */
  GRM_CANDIDATE: z.stringbool().default(false),
  /** Longest that the process may take to finish what it works on once it is told to stop, ms. */
  GRM_DRAIN_MS: whole(1_000, 3_600_000).default(40_000),
  GRM_HTTP_HOST: z.string().default('127.0.0.1'),
  GRM_HTTP_PORT: port.default(0),
  /** Whether the process ends, as by SIGTERM, when its standard input does: with whoever started it, however that ended. */
  GRM_ENDS_WITH_STDIN: z.stringbool().default(false),
  /** Folder in Hugging Face layout, a .gguf file, or `nats://BUCKET/KEY` in an object store. */
  GRM_MODEL: z.string().superRefine(checkModel).optional(),
  /** Folder in which a model from an object store is kept; without it, one among the system's temporary files. */
  GRM_MODEL_CACHE: z.string().optional(),
  /** What answers call the model; without it, the name of its folder or file. */
  GRM_MODEL_NAME: z.string().optional(),
  GRM_MODEL_WEIGHTS: z.enum(['fp32', 'int8']).default('fp32'),
  /** `openai` asks a server; `instant` answers at once with made-up judgements: for measuring everything around the model. */
  GRM_ENGINE: z.enum(['embedded', 'openai', 'instant']).default('embedded'),
  /** Of the engine `openai`: the server's address, with or without /v1. GRM_MODEL is then where its tokenizer and chat template lie; without it, the server applies its own. */
  GRM_SERVER_URL: z.url({ protocol: /^https?$/ }).optional(),
  GRM_SERVER_DIALECT: z.enum(serverDialects).default('VLLM'),
  /** What the server calls the model; without it, the only one that it lists. */
  GRM_SERVER_MODEL: z.string().optional(),
  GRM_SERVER_API_KEY: z.string().optional(),
  /** Requests that the process has in the server at once. */
  GRM_SERVER_MAX_CONCURRENT: whole(1, 1_024).default(64),
  /** No task is taken while more requests than this wait in the server. */
  GRM_SERVER_MAX_WAITING: whole(0, 100_000).default(8),
  /** Longest that the server may take to load its model. */
  GRM_SERVER_STARTUP_SECONDS: whole(1, 86_400).default(600),
  GRM_ENGINE_THREADS: whole(1, 256).default(1),
  /** Tasks at once in one process, each on an engine worker of its own. */
  GRM_CONCURRENCY: whole(1, 1_024).default(1),
  GRM_TEMPLATE: z.enum(['published', 'compact']).default('compact'),
  GRM_SAMPLES: whole(1, limits.samples).default(defaults.sampling.samples),
  GRM_TEMPERATURE: z.coerce.number().min(0).max(limits.temperature).default(defaults.sampling.temperature),
  GRM_MAX_TOKENS: whole(1, limits.maxTokens).default(defaults.sampling.maxTokens),
  GRM_STOPPING: z.enum(stoppingModes).default(defaults.sampling.stopping),
  GRM_VOTE_META_RM: z.enum(metaRMRules).default('None'),
  GRM_VOTE_KEEP: whole(1, limits.samples).optional(),
  GRM_MAX_PENDING: whole(1, 1_000_000).default(defaults.service.maxPending),
  GRM_MAX_RESPONSES: whole(1, limits.responses).default(defaults.service.maxResponses),
  GRM_MAX_PROMPT_TOKENS: whole(1, 10_000_000).default(defaults.service.maxPromptTokens),
  /** GRMTrainingRun manifest of a trainer, and the folder that it works in. */
  GRM_RUN: z.string().optional(),
  GRM_RUN_FOLDER: z.string().optional(),
  /** Object store that the trainer publishes its artefacts to as well. */
  GRM_ARTIFACTS_BUCKET: z.string().regex(/^[-\w]+$/, 'expected the name of an object store: letters, digits, "-" and "_"').optional(),
  GRM_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  /** Traces are exported when this is set; the exporter reads the rest of OTEL_* itself. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
});
export type Environment = z.infer<typeof Environment>;

function hostOf(server: string): string {
  return URL.parse(server.includes('://') ? server : `nats://${server}`)?.hostname ?? '';
}

function checkModel(model: string, context: z.RefinementCtx): void {
  try {
    if (isModelAddress(model)) parseModelAddress(model);
  } catch (error) {
    context.addIssue({ code: 'custom', message: GrmError.from(error).message });
  }
}
