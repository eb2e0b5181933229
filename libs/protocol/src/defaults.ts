/** What holds where neither a manifest, a service nor a request says otherwise. */
export const defaults = {
  sampling: { samples: 8, temperature: 0.5, maxTokens: 512, stopping: 'Exact' },
  /** Of `answer`: answers to write, the mean score that is good enough, rounds of improving on the best, and how the writing is sampled. */
  answer: { candidates: 4, threshold: 6, rounds: 1, temperature: 0.7 },
  detail: 'scores',
  /** A service's own bounds: requests waiting, responses a request, tokens a prompt. */
  service: { maxPending: 10_000, maxResponses: 16, maxPromptTokens: 4_096 },
  /** Time that a request may take when it carries no deadline, ms. */
  timeoutMs: 30_000,
} as const;
