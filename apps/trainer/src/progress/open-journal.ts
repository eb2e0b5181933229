import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { GRMTrainingRun } from '@grm/resources';
import type { Configuration, Log } from '@grm/service-kit';
import type { TrainerOptions } from '../trainer-options.ts';
import { barSink } from './bar-sink.ts';
import { jsonLinesSink } from './json-lines-sink.ts';
import { lateSink } from './late-sink.ts';
import { metricsFileSink } from './metrics-file-sink.ts';
import { progressFileSink, readProgressFile } from './progress-file.ts';
import { openRunChannel } from './run-channel.ts';
import type { Notice, ProgressSink } from './run-event.ts';
import { RunJournal } from './run-journal.ts';
import { textSink } from './text-sink.ts';

/** Between two tries to reach NATS, ms. A run goes on without. */
const retryMs = 5_000;

export interface OpenJournalOptions {
  readonly run: GRMTrainingRun;
  readonly folder: string;
  /** Those that the run goes through, in order. */
  readonly stages: readonly string[];
  readonly options: TrainerOptions;
  readonly configuration: Configuration;
  readonly log: Log;
  /** Called when somebody asks the run to suspend; `stop` is then aborted. */
  readonly suspend: () => void;
  /** Aborted when the run is to stop, whoever says so. */
  readonly stop: AbortSignal;
}

function consoleSink({ json }: TrainerOptions): ProgressSink {
  if (json) return jsonLinesSink(process.stdout);
  return process.stdout.isTTY ? barSink(process.stdout) : textSink(process.stdout);
}

/**
 * The journal of a run, with everywhere that its progress goes: the terminal or log, the run's folder (`metrics.jsonl`,
 * `progress.json`), KV `grm-runs`. A run that was begun before goes on with what its folder remembers.
 */
export async function openJournal({ run, folder, stages, options, configuration, log, suspend, stop }: OpenJournalOptions): Promise<RunJournal> {
  const { namespace, name } = run.metadata;
  await mkdir(folder, { recursive: true });
  const previous = await readProgressFile(folder, `${namespace}/${name}`);
  const notice = (type: Notice['type'], reason: string, message: string): void => journal.record({ type: 'noticed', notice: { type, reason, message } });

  const sinks = [
    consoleSink(options),
    metricsFileSink(join(folder, 'metrics.jsonl'), (error) => log.warn({ err: error }, 'metrics.jsonl cannot be written')),
    progressFileSink(folder, `${namespace}/${name}`, (error) => log.warn({ err: error }, 'progress.json cannot be written')),
  ];
  if (!options.standalone) {
    const open = (): Promise<ProgressSink> =>
      openRunChannel({
        nats: configuration.nats,
        namespace,
        run: name,
        log,
        suspend,
        contested: ({ message }) => notice('Warning', 'AnotherTrainer', message),
      });
    sinks.push(lateSink({ open, retryMs, failed: (error) => log.warn({ err: error }, 'no progress in grm-runs yet: NATS cannot be used') }));
  }
  const journal = new RunJournal(stages, sinks, { previous });
  stop.addEventListener('abort', () => {
    if (journal.progress.phase === 'Running') notice('Normal', 'Suspending', 'told to stop: the step in hand is finished and saved first');
  });
  if (previous !== undefined) notice('Normal', 'Resumed', `the run goes on; it was ${previous.phase} at ${previous.updatedAt}`);
  return journal;
}
