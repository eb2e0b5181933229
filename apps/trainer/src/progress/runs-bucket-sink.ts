import { setTimeout as delay } from 'node:timers/promises';
import type { RunProgress } from '@grm/protocol';
import type { Log } from '@grm/service-kit';
import type { NatsConnection } from '@nats-io/transport-node';
import { AnotherTrainerError, ClaimedRun } from './claimed-run.ts';
import { NewestWriter } from './newest-writer.ts';
import type { ProgressSink } from './run-event.ts';

/** Rest between two writes, ms: never more than one in this time. */
const pauseMs = 1_000;
/** How often the last word of a run is tried where NATS does not answer. */
const lastTries = 2;

export interface RunsBucketOptions {
  readonly connection: NatsConnection;
  readonly namespace: string;
  readonly run: string;
  /** This process, as no other one is called. */
  readonly trainer: string;
  readonly log: Log;
  /** Called once, where another trainer writes the progress of this run. This one then writes no more. */
  readonly contested: (error: AnotherTrainerError) => void;
}

/**
 * Keeps the run's progress in KV `grm-runs`: at most one write a second, of what is newest then, each with compare-and-set on
 * the one before. A server that does not answer is tried again with the next value, which the heartbeat brings.
 */
export function runsBucketSink({ log, contested, ...options }: RunsBucketOptions): ProgressSink {
  const record = new ClaimedRun(options);
  let unwritten: RunProgress | undefined;
  let lost = false;

  const write = async (progress: RunProgress): Promise<void> => {
    if (lost) return;
    try {
      await record.write(progress);
      unwritten = undefined;
    } catch (error) {
      lost = error instanceof AnotherTrainerError;
      if (error instanceof AnotherTrainerError) contested(error);
      else if (unwritten === undefined) log.warn({ err: error }, 'progress cannot be written to grm-runs; it is tried again');
      unwritten = lost ? undefined : progress;
    }
  };
  const writer = new NewestWriter<RunProgress>(write, { pauseMs });
  return {
    accept: (_, progress) => writer.offer(progress),
    refresh: (progress) => writer.offer(progress),
    [Symbol.asyncDispose]: async () => {
      await writer[Symbol.asyncDispose]();
      for (let tries = 1; unwritten !== undefined && tries < lastTries; tries++) {
        await delay(pauseMs);
        await write(unwritten);
      }
    },
  };
}
