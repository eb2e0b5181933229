import { ErrorBody, GrmError, headerNames, parsePayload, RunProgress, runHeartbeat, runSubjects, type Suspension } from '@grm/protocol';
import { errors, type Msg } from '@nats-io/transport-node';
import type { Command } from 'commander';
import { CommandError } from '../command-error.ts';
import { authorityOption, credentialsOption, durationOption, folderOption, jsonOption, namespaceOption, serverOption } from '../command-options.ts';
import { type RunOptions, type RunTarget, runTarget } from '../run/run-target.ts';
import { RunsBucket } from '../run/runs-bucket.ts';
import { durationText } from '../terminal/duration-text.ts';
import { checkpointText } from '../terminal/run-text.ts';
import { type Terminal, writeJson, writeLine } from '../terminal/terminal.ts';

interface SuspendOptions extends RunOptions {
  /** Milliseconds. */
  readonly timeout: number;
  readonly json?: boolean;
}

/** The trainer answers when its time is up; this much later it is not waited for any more, ms. */
const GRACE_MS = 2_000;

export function registerRunSuspend(run: Command, terminal: Terminal): void {
  run
    .command('suspend')
    .summary('save a checkpoint of a training run and stop it')
    .description('Asks the trainer of a run to finish the step in hand, save a checkpoint and end, and waits until it has. Started again the run goes on from there.')
    .argument('<name>', 'the GRMTrainingRun')
    .addOption(namespaceOption('run'))
    .addOption(serverOption())
    .addOption(credentialsOption())
    .addOption(authorityOption())
    .addOption(folderOption())
    .addOption(durationOption('--timeout <duration>', 'how long to wait; the run suspends all the same', '5m'))
    .addOption(jsonOption())
    .addHelpText('after', '\nExamples:\n  grmctl run suspend nano\n  grmctl run suspend nano --timeout 20m --json')
    .action((name: string, options: SuspendOptions) => suspend(name, options, terminal));
}

async function suspend(run: string, options: SuspendOptions, terminal: Terminal): Promise<void> {
  const target = await runTarget(run, options, terminal);
  await using bucket = await RunsBucket.open(target);
  // Says which runs there are, where there is none of this name.
  const { progress: before } = await bucket.read(target);
  if (before.phase === 'Complete' || before.phase === 'Failed') throw new CommandError('failure', `run ${run} has ended: ${before.phase}; there is nothing to suspend`);
  if (options.json !== true && before.phase === 'Running') writeLine(terminal.errors, `asking the trainer of run ${run} to suspend: it finishes the step in hand and saves first`);
  const answer = await ask(bucket, target, options.timeout, terminal.signal);
  const progress = answer === undefined ? await suspendedAlready(bucket, target) : readAnswer(answer);
  if (options.json === true) writeJson(terminal.output, { namespace: target.namespace, run, ...progress });
  else writeLine(terminal.output, endText(run, progress));
  if (progress.phase === 'Failed') throw new CommandError('failure', `run ${run} failed before it could be suspended: ${progress.message ?? 'no reason given'}`);
}

/** The trainer's answer; undefined when no trainer is there to give one. */
async function ask(bucket: RunsBucket, target: RunTarget, timeoutMs: number, signal: AbortSignal): Promise<Msg | undefined> {
  const asked = bucket.connection.request(runSubjects(target).suspend, JSON.stringify({ waitMs: timeoutMs } satisfies Suspension), { timeout: timeoutMs + GRACE_MS });
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  const interrupt = (): void => reject(signal.reason);
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    return await Promise.race([asked, interrupted]);
  } catch (error) {
    if (error instanceof errors.RequestError && error.isNoResponders()) return undefined;
    if (!(error instanceof errors.TimeoutError)) throw error;
    throw new CommandError('timeout', `the trainer of run ${target.run} took the request and has not answered; look with \`grmctl run watch ${target.run}\``, { cause: error });
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}

/** @throws {CommandError} `unreachable` when the run should have a trainer and has none. */
async function suspendedAlready(bucket: RunsBucket, target: RunTarget): Promise<RunProgress> {
  const { progress, ageMs } = await bucket.read(target);
  if (progress.phase === 'Suspended') return progress;
  const { heartbeatSeconds = runHeartbeat.seconds } = progress;
  throw new CommandError(
    'unreachable',
    `no trainer of run ${target.run} answers; its last sign of life was ${durationText(ageMs / 1000)} ago (expected every ${heartbeatSeconds} s). If it was killed, starting it again goes on from its newest checkpoint`,
  );
}

/** @throws {GrmError} what the trainer answered in place of its progress. */
function readAnswer({ data, headers }: Msg): RunProgress {
  if (headers?.has(headerNames.serviceErrorCode)) throw GrmError.fromBody(parsePayload(ErrorBody, data, 'ErrorBody'));
  return parsePayload(RunProgress, data, 'RunProgress');
}

function endText(run: string, progress: RunProgress): string {
  const { phase, stages } = progress;
  if (phase !== 'Suspended') return `run ${run} came to its end first: ${phase}`;
  const stage = stages.find(({ state }) => state === 'Running');
  const where = stage === undefined ? '' : ` in stage ${stage.name} at step ${stage.step}/${stage.steps}`;
  const checkpoint = checkpointText(progress);
  return `run ${run} is suspended${where}${checkpoint === undefined ? '' : `; ${checkpoint}`}; started again it goes on from there`;
}
