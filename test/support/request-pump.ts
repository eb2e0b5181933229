import type { JudgeClient, JudgeRequest, Verdict } from '@grm/client';

export interface RequestPump extends AsyncDisposable {
  /** Verdicts by request id, in the order in which they came. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** When each verdict came, ms of `performance.now()`. */
  readonly answeredAt: readonly number[];
  /** What requests failed with. */
  readonly failures: readonly unknown[];
  /** Sends no more and waits for those under way. */
  stop(): Promise<void>;
}

export interface RequestPumpOptions {
  /** Requests under way at once. */
  readonly concurrency: number;
  readonly request: (index: number) => JudgeRequest;
  readonly timeoutMs?: number;
}

/** Keeps a number of requests under way, each with an id of its own, until it is stopped. */
export function startRequestPump(client: JudgeClient, options: RequestPumpOptions): RequestPump {
  const { concurrency, request, timeoutMs = 60_000 } = options;
  const verdicts = new Map<string, Verdict>();
  const answeredAt: number[] = [];
  const failures: unknown[] = [];
  let sent = 0;
  let stopped = false;
  const lane = async () => {
    while (!stopped) {
      const index = sent++;
      const id = `pump-${index}`;
      try {
        verdicts.set(id, await client.judge({ id, ...request(index) }, { timeoutMs }));
        answeredAt.push(performance.now());
      } catch (error) {
        failures.push(error);
      }
    }
  };
  const lanes = Promise.all(Array.from({ length: concurrency }, lane));
  const stop = async () => {
    stopped = true;
    await lanes;
  };
  return { verdicts, answeredAt, failures, stop, [Symbol.asyncDispose]: stop };
}
