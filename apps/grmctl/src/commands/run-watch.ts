import type { RunProgress } from '@grm/protocol';
import type { Command } from 'commander';
import { CommandError } from '../command-error.ts';
import { authorityOption, credentialsOption, folderOption, jsonOption, namespaceOption, serverOption } from '../command-options.ts';
import { followRun } from '../run/follow-run.ts';
import { type RunOptions, runTarget } from '../run/run-target.ts';
import { RunsBucket } from '../run/runs-bucket.ts';
import { watchedAfter, type WatchedRun } from '../run/watched-run.ts';
import { openRunDisplay, showOnce } from '../terminal/run-display.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface WatchOptions extends RunOptions {
  readonly once?: boolean;
  readonly json?: boolean;
}

/** Between two looks at the clock: a trainer that falls silent sends nothing that would say so. */
const TICK_MS = 1_000;

export function registerRunWatch(run: Command, terminal: Terminal): void {
  run
    .command('watch')
    .summary('watch a training run until it ends')
    .description(
      'Shows how far a training run is, from the progress that its trainer writes to NATS: in place on a terminal, elsewhere a line for what changes. Ends with the run: 0 when it is complete, 1 when it failed, 75 when it is suspended.',
    )
    .argument('<name>', 'the GRMTrainingRun')
    .addOption(namespaceOption('run'))
    .addOption(serverOption())
    .addOption(credentialsOption())
    .addOption(authorityOption())
    .addOption(folderOption())
    .option('--once', 'show where it is now, and end')
    .addOption(jsonOption())
    .addHelpText('after', '\nExamples:\n  grmctl run watch nano\n  grmctl run watch nano --once --json | jq .stages\n  grmctl run watch nano --json | jq -c .usage')
    .action((name: string, options: WatchOptions) => watch(name, options, terminal));
}

async function watch(run: string, options: WatchOptions, terminal: Terminal): Promise<void> {
  const target = await runTarget(run, options, terminal);
  await using bucket = await RunsBucket.open(target);
  if (options.once === true) {
    const { progress, ageMs } = await bucket.read(target);
    showOnce(watchedAfter(undefined, { ...target, progress, lastSignMs: performance.now() - ageMs, connected: true }), options, terminal);
    endAs(progress, run);
    return;
  }
  using display = openRunDisplay(options, terminal);
  let latest: WatchedRun | undefined;
  const ticks = setInterval(() => {
    if (latest !== undefined) display.show({ ...latest, connected: bucket.connected }, performance.now());
  }, TICK_MS);
  try {
    for await (latest of followRun(bucket, target, terminal.signal)) display.show(latest, performance.now());
  } finally {
    clearInterval(ticks);
  }
  terminal.signal.throwIfAborted();
  if (latest !== undefined) endAs(latest.progress, run);
}

/** A run that goes on, or that is complete, is no failure of watching it. */
function endAs({ phase, message }: RunProgress, run: string): void {
  const why = message === undefined ? '' : `: ${message}`;
  if (phase === 'Failed') throw new CommandError('failure', `run ${run} failed${why}`);
  if (phase === 'Suspended') throw new CommandError('suspended', `run ${run} is suspended${why}`);
}
