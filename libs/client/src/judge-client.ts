import type { Answer, AnswerRequest, JudgeRequest, Verdict } from '@grm/protocol';

export interface JudgeOptions {
  /** Time for everything, retries included, ms. It travels with the request: the service stops working on it when it has passed. */
  readonly timeoutMs?: number;
  /** Stops waiting; the call then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Requests that may be sent for one call, the first one included; as many as the time allows when absent. */
  readonly maxAttempts?: number;
}

/** A judge on the other side of NATS. Close it, or declare it with `await using`. */
export interface JudgeClient extends AsyncDisposable {
  /**
   * Scores the responses and says which is best.
   *
   * Sent again, under the same id, when nobody answers, the voter that had it falls silent, or the service is overloaded or unavailable for the moment;
   * the pause between grows, and all ends with the time allowed. Same request, seed and model revision give the same verdict, so a repetition changes nothing.
   *
   * @throws InvalidRequestError, RequestTooLargeError: the request is at fault; nothing was sent for the latter.
   * @throws OverloadedError, ModelUnavailableError, ServiceNotFoundError: not now; these were retried already.
   * @throws DeadlineExceededError, NoValidSampleError, InternalServiceError; ClientClosedError; the signal's reason.
   */
  judge(request: JudgeRequest, options?: JudgeOptions): Promise<Verdict>;
  /**
   * Lets the model answer itself: it writes candidates, judges them, and improves on the best one by its critique, until one is good enough or the rounds are over.
   * An answer under the threshold is no error: see `accepted`.
   *
   * Sent again as `judge` is, and as harmless: same request, seed and model revision give the same answer. Each round takes about as long as writing and judging once;
   * give it the time with `timeoutMs`.
   *
   * @throws as `judge` does; NoValidSampleError also when nothing that was written has any text.
   */
  answer(request: AnswerRequest, options?: JudgeOptions): Promise<Answer>;
  close(): Promise<void>;
}
