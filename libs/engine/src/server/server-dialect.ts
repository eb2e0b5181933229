/** Servers that speak OpenAI's protocol, each in its own way where that says nothing. */
export const serverDialects = ['VLLM', 'SGLang', 'LlamaCpp'] as const;
export type ServerDialect = (typeof serverDialects)[number];

/** What tells how busy a server is, by what it calls it in `/metrics`; of several names, whichever there is. */
export interface MetricNames {
  readonly running: readonly string[];
  readonly waiting: readonly string[];
  /** Share of the memory for keys and values that is in use. */
  readonly cacheUsage: readonly string[];
  readonly promptTokens: readonly string[];
  readonly generatedTokens: readonly string[];
}

export const metricNames: Readonly<Record<ServerDialect, MetricNames>> = {
  VLLM: {
    running: ['vllm:num_requests_running'],
    waiting: ['vllm:num_requests_waiting'],
    cacheUsage: ['vllm:kv_cache_usage_perc', 'vllm:gpu_cache_usage_perc'],
    promptTokens: ['vllm:prompt_tokens_total'],
    generatedTokens: ['vllm:generation_tokens_total'],
  },
  SGLang: {
    running: ['sglang:num_running_reqs'],
    waiting: ['sglang:num_queue_reqs'],
    cacheUsage: ['sglang:token_usage'],
    promptTokens: ['sglang:prompt_tokens_total'],
    generatedTokens: ['sglang:generation_tokens_total'],
  },
  LlamaCpp: {
    running: ['llamacpp:requests_processing'],
    waiting: ['llamacpp:requests_deferred'],
    cacheUsage: ['llamacpp:kv_cache_usage_ratio'],
    promptTokens: ['llamacpp:prompt_tokens_total'],
    generatedTokens: ['llamacpp:tokens_predicted_total'],
  },
};
