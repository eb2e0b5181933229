import { runProgress } from '@grm/protocol';
import { KvWatchInclude } from '@nats-io/kv';
import { CommandError } from '../command-error.ts';
import type { RunTarget } from './run-target.ts';
import { parseProgress, type RunsBucket } from './runs-bucket.ts';
import { hasEnded, watchedAfter, type WatchedRun } from './watched-run.ts';

/**
 * Every value of a run from now on, the present one first, until it ends: its last value is Complete, Failed or Suspended.
 * The few values before it that the bucket still has are in the curves.
 *
 * @throws {CommandError} as `RunsBucket.read`, and `failure` when the run's progress is deleted meanwhile.
 */
export async function* followRun(bucket: RunsBucket, { namespace, run }: RunTarget, signal: AbortSignal): AsyncGenerator<WatchedRun> {
  const { ageMs } = await bucket.read({ namespace, run });
  const values = await bucket.kv.watch({ key: runProgress({ namespace, run }).key, include: KvWatchInclude.AllHistory });
  const stop = (): void => values.stop();
  signal.addEventListener('abort', stop, { once: true });
  let watched: WatchedRun | undefined;
  try {
    for await (const entry of values) {
      if (entry.operation !== 'PUT') {
        if (!entry.isUpdate) continue;
        throw new CommandError('failure', `the progress of run ${run} was deleted`);
      }
      const age = entry.isUpdate ? 0 : ageMs;
      watched = watchedAfter(watched, { namespace, run, progress: parseProgress(entry, run), lastSignMs: performance.now() - age, connected: true });
      const isPast = !entry.isUpdate && (entry.delta ?? 0) > 0;
      if (isPast) continue;
      yield watched;
      if (hasEnded(watched.progress)) return;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    values.stop();
  }
}
