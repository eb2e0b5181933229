import { z } from 'zod';
import { SERVICE_DEFAULTS } from './defaults.ts';
import { exactlyOne } from './exactly-one.ts';
import { documented, listed, ruled } from './kubernetes-schema.ts';
import { resources } from './placement.ts';
import { resourceName } from './resource-metadata.ts';

const defaults = SERVICE_DEFAULTS.engine;
const count = z.number().int().positive();
const word = z.string().min(1).max(4096);

const embedded = documented(
  z.strictObject({
    threads: documented(count.max(256).default(defaults.threads), 'CPU threads of one worker.'),
    weights: documented(z.enum(['fp32', 'int8']).default(defaults.weights), 'Precision of the weights.'),
    device: documented(z.literal('cpu').default('cpu'), 'Where the model computes.'),
  }),
  'The engine inside the process.',
);

const entry = z.string().max(253).regex(/^[-._a-zA-Z0-9]+$/, 'letters, digits and - _ . only');
const secret = documented(resourceName, 'A Secret in the namespace of the resource.');

/** Variables of ours stand in the same container, so nobody else's may bear their names. */
const ownNames = { rule: "!self.name.startsWith('GRM_')", message: 'variables that start with GRM_ are set already; choose another name' };

const variable = ruled(exactlyOne(
  { value: documented(z.string().max(4096), 'The value itself.'), secret: documented(z.strictObject({ name: secret, key: documented(entry, 'Its entry.') }), 'Where the value is kept.') },
  {
    name: documented(
      z.string().max(256).regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a name of letters, digits and _').refine((name) => !name.startsWith('GRM_'), ownNames.message),
      'Name of the variable, such as HF_TOKEN.',
    ),
  },
), ownNames);

/** A size that a volume may have. */
const volumeSize = z.string().max(32).regex(/^([0-9]*[1-9][0-9]*(\.[0-9]+)?|0+\.[0-9]*[1-9][0-9]*)(Ki|Mi|Gi|Ti)$/, 'a size such as 10Gi');

const server = documented(
  z.strictObject({
    image: documented(z.string().min(1).max(512).regex(/^\S+$/, 'no white space'), "Image of the server, such as vllm/vllm-openai:v0.11.0. Pin it: another image is another revision."),
    command: documented(
      z.exactOptional(listed(z.array(word).min(1).max(64), 'atomic')),
      'In place of the command and arguments that the dialect calls for. $(GRM_MODEL), $(GRM_SERVER_MODEL) and $(GRM_SERVER_PORT) stand for where the model lies, what it is to be called, and where to listen.',
    ),
    args: documented(listed(z.array(word).max(256).default([]), 'atomic'), 'Further arguments, such as --max-model-len and 16384.'),
    environment: documented(listed(z.array(variable).max(64).default([]), ['name']), 'Further variables.'),
    port: documented(z.number().int().min(1024).max(65_535).refine((port) => port !== 8080, 'the sampler itself listens on 8080').default(defaults.openAI.port), 'Where the server listens.'),
    startupSeconds: documented(z.number().int().min(10).max(86_400).default(defaults.openAI.startupSeconds), 'Longest that the server may take to load its model before it is started again. Not above rollout.progressDeadlineSeconds.'),
    sharedMemory: documented(z.exactOptional(volumeSize), 'Size of /dev/shm, which servers on several GPUs talk through. It counts as memory of the server. Absent: what the node gives every container, 64Mi.'),
    resources: z.exactOptional(resources).describe('CPU and memory of the server. Absent: nothing is set aside for it, and nothing bounds it.'),
  }),
  'A server in the same pod, which is started before the process that asks it and ended after it. GPUs of nodePool are its own.',
  { rule: 'self.port != 8080', message: 'port 8080 is where the process that asks the server listens' },
);

const openAI = exactlyOne(
  {
    url: documented(
      z.string().max(1024).regex(/^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/, 'http://HOST:PORT or https://HOST, without a user, query or fragment'),
      'Address of a server that is there already, with or without /v1.',
    ),
    server,
  },
  {
    dialect: documented(z.enum(['VLLM', 'SGLang', 'LlamaCpp']), 'Which server it is: they differ in what they call their metrics, in how they score, and in how they are started.'),
    servedModelName: documented(z.exactOptional(z.string().max(512).regex(/^\S+$/, 'no white space')), "What the server calls the model. Default: the name of spec.model where the server is in the pod or the model is `served`, else the only one that it lists."),
    apiKeySecret: z.exactOptional(documented(z.strictObject({ name: secret, key: documented(entry.default(defaults.openAI.apiKey), 'Its entry.') }), 'Key that the server asks for.')),
    maxConcurrent: documented(count.max(1024).default(defaults.openAI.maxConcurrent), 'Completions that one replica asks for at once. What is more waits in the replica.'),
    maxWaiting: documented(z.number().int().min(0).max(100_000).default(defaults.openAI.maxWaiting), 'A replica takes no more tasks while more requests than this wait in its server, whoever sent them.'),
  },
).describe('An OpenAI-compatible server: vLLM, SGLang, or that of llama.cpp. Exactly one of url, server.');

/** What computes for a sampler or a meta RM. */
export const serviceEngine = exactlyOne({ embedded, openAI });

export type ServiceEngine = z.output<typeof serviceEngine>;
export type EmbeddedEngine = z.output<typeof embedded>;
export type OpenAIEngine = z.output<typeof openAI>;
export type EngineServer = z.output<typeof server>;
export type EngineDialect = OpenAIEngine['dialect'];
