import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** What was asked of a scripted server. */
export interface Asked {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: IncomingMessage['headers'];
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, or text as it is; undefined: the request is left without an answer. */
  readonly body?: unknown;
}

export interface ScriptedServer extends AsyncDisposable {
  readonly url: string;
  readonly asked: Asked[];
  /** Requests whose client has gone before they were answered. */
  left: number;
  /** Answers to a path in turn; the last one stays. */
  on(path: string, ...replies: readonly (Reply | ((asked: Asked) => Reply))[]): void;
}

/** A double of servers that cannot run here; what it answers was recorded of vLLM 0.32.0 (CPU) on `models/nano-judge`, and of llama.cpp, where not said otherwise. */
export async function scriptedServer(models: unknown = vllmModels): Promise<ScriptedServer> {
  const asked: Asked[] = [];
  const scripts = new Map<string, (Reply | ((asked: Asked) => Reply))[]>();
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? '';
    const written = await text(request);
    const question: Asked = { path, body: written === '' ? {} : (JSON.parse(written) as Record<string, unknown>), headers: request.headers };
    if (request.method === 'POST') asked.push(question);
    const script = scripts.get(path);
    const next = script !== undefined && script.length > 1 ? script.shift() : script?.[0];
    const reply = typeof next === 'function' ? next(question) : (next ?? { status: 404, body: { detail: 'Not Found' } });
    response.once('close', () => {
      if (!response.writableFinished) server.left++;
    });
    if (reply.body === undefined && reply.status === undefined) return;
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
    response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body ?? ''));
  };
  const http = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
  await once(http, 'listening');
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const server: ScriptedServer = {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    left: 0,
    on: (path, ...replies) => void scripts.set(path, [...replies]),
    [Symbol.asyncDispose]: async () => {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
  server.on('/health', { body: '' });
  server.on('/v1/models', { body: models });
  server.on('/metrics', { body: vllmMetrics(0) });
  return server;
}

export const vllmModels = {
  object: 'list',
  data: [{ id: 'judge', object: 'model', created: 1795722141, owned_by: 'vllm', root: '/models/nano-judge', parent: null, max_model_len: 512, permission: [] }],
};

export const vllmMetrics = (waiting: number) => `# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="judge"} 1.0
vllm:num_requests_waiting{engine="0",model_name="judge"} ${waiting}.0
vllm:num_requests_waiting_by_reason{engine="0",model_name="judge",reason="capacity"} 3.0
vllm:kv_cache_usage_perc{engine="0",model_name="judge"} 0.25
vllm:prompt_tokens_total{engine="0",model_name="judge"} 33.0
vllm:generation_tokens_total{engine="0",model_name="judge"} 244.0
`;

export const vllmCompletion = {
  id: 'cmpl-1',
  object: 'text_completion',
  created: 1795722360,
  model: 'judge',
  choices: [
    {
      index: 0,
      text: '.\n',
      logprobs: { text_offset: [0, 1], token_logprobs: [-0.4062376916408539, -0.03205834701657295], tokens: ['.', '\n[Judge]'], top_logprobs: [{ '.': -0.4062376916408539 }, { '\n[Judge]': -0.03205834701657295 }] },
      finish_reason: 'stop',
      stop_reason: '[',
      token_ids: [63, 10],
      prompt_logprobs: null,
      prompt_token_ids: [5, 6, 7, 8],
    },
  ],
  usage: { prompt_tokens: 4, total_tokens: 6, completion_tokens: 2, prompt_tokens_details: null },
};

/** Of SGLang's documentation of the same protocol; it names no token ids. */
export const sglangCompletion = {
  id: '7f6c',
  object: 'text_completion',
  created: 1795722360,
  model: 'judge',
  choices: [{ index: 0, text: ' ok', logprobs: { text_offset: [], token_logprobs: [-0.5, null], tokens: [' ok', ''], top_logprobs: [null, null] }, finish_reason: 'stop', matched_stop: 2 }],
  usage: { prompt_tokens: 4, total_tokens: 6, completion_tokens: 2 },
};

export const llamaCppCompletion = {
  choices: [
    {
      text: "Pour l'",
      index: 0,
      logprobs: {
        content: [
          { id: 64, token: 'P', bytes: [80], logprob: -5.6247382164001465, top_logprobs: [{ id: 504, token: 'The', bytes: [84, 104, 101], logprob: -1.2112348079681396 }] },
          { id: 461, token: 'our', bytes: [111, 117, 114], logprob: -0.9442678093910217, top_logprobs: [] },
          { id: 32648, token: " l'", bytes: [32, 108, 39], logprob: -5.964621067047119, top_logprobs: [] },
        ],
      },
      finish_reason: 'length',
    },
  ],
  created: 1795721201,
  model: 'smol',
  system_fingerprint: 'b0-unknown',
  object: 'text_completion',
  usage: { completion_tokens: 3, prompt_tokens: 18, total_tokens: 21, prompt_tokens_details: { cached_tokens: 0 } },
  id: 'chatcmpl-1',
};
