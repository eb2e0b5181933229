import { setTimeout as delay } from 'node:timers/promises';
import type { RunProgress } from '@grm/protocol';
import type { ProgressSink } from './run-event.ts';

export interface LateSinkOptions {
  readonly open: () => Promise<ProgressSink>;
  /** Between two tries to open it. */
  readonly retryMs: number;
  /** Called with the first failure. */
  readonly failed: (error: unknown) => void;
}

/** A sink that opens beside the run, however long that takes: it begins with what is newest by then. */
export function lateSink({ open, retryMs, failed }: LateSinkOptions): ProgressSink {
  const closing = new AbortController();
  let newest: RunProgress | undefined;
  let opened: ProgressSink | undefined;

  const opening = async (): Promise<void> => {
    let said = false;
    while (opened === undefined && !closing.signal.aborted) {
      try {
        opened = await open();
        if (newest !== undefined) opened.refresh?.(newest);
      } catch (error) {
        if (!said) failed(error);
        said = true;
        await delay(retryMs, undefined, { signal: closing.signal, ref: false }).catch(() => undefined);
      }
    }
  };
  const tried = opening();
  return {
    accept: (event, progress) => {
      newest = progress;
      opened?.accept(event, progress);
    },
    refresh: (progress) => {
      newest = progress;
      opened?.refresh?.(progress);
    },
    /** A try that is under way comes to its end first. */
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      await tried;
      await opened?.[Symbol.asyncDispose]();
    },
  };
}
