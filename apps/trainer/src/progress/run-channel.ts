import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { connectNats, natsErrorLog, type NatsServers, settledWithin, type Log } from '@grm/service-kit';
import { suspendRequests } from '../run/suspend-requests.ts';
import type { ProgressSink } from './run-event.ts';
import { runsBucketSink, type RunsBucketOptions } from './runs-bucket-sink.ts';

/** How long a NATS server is waited for, ms. */
export const natsTimeoutMs = 5_000;

export interface RunChannelOptions extends Pick<RunsBucketOptions, 'contested' | 'namespace' | 'run'> {
  readonly nats: NatsServers;
  readonly log: Log;
  readonly suspend: () => void;
}

/** The run on NATS: its progress in KV `grm-runs`, and who asks it to suspend. @throws where no server answers in time */
export async function openRunChannel({ nats, ...options }: RunChannelOptions): Promise<ProgressSink> {
  const connection = await connectNats({ ...nats, name: `${options.namespace}/${options.run}/trainer`, timeoutMs: natsTimeoutMs, onError: natsErrorLog(options.log) });
  const trainer = `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`;
  const bucket = runsBucketSink({ connection, trainer, ...options });
  const requests = suspendRequests({ connection, ...options });
  const sinks = [bucket, requests];
  // From here on whoever asks the run is heard.
  await settledWithin(connection.flush(), natsTimeoutMs);
  return {
    accept: (event, progress) => sinks.forEach((sink) => sink.accept(event, progress)),
    refresh: (progress) => sinks.forEach((sink) => sink.refresh?.(progress)),
    [Symbol.asyncDispose]: async () => {
      // Whoever asked finds the run's end in the bucket by the time the answer comes.
      for (const sink of sinks) await sink[Symbol.asyncDispose]();
      // A server that has gone must not hold up the end of the run.
      await settledWithin(connection.drain(), natsTimeoutMs);
      await connection.close();
    },
  };
}
