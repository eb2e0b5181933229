import { GrmError, runProgress } from '@grm/protocol';
import { CommandError } from '../command-error.ts';
import { type NatsTarget, natsTarget } from '../service/nats-target.ts';
import type { ServiceOptions } from '../service/service-address.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Which run, and on which NATS server. */
export interface RunTarget extends NatsTarget {
  readonly namespace: string;
  readonly run: string;
}

/** The options by which a command names a run besides its name. */
export type RunOptions = Omit<ServiceOptions, 'service'>;

/** @throws {CommandError} `usage` when a name is none. */
export async function runTarget(run: string, { namespace, ...options }: RunOptions, terminal: Terminal): Promise<RunTarget> {
  try {
    runProgress({ namespace, run });
  } catch (error) {
    throw GrmError.isInstance(error) ? new CommandError('usage', error.message, { cause: error }) : error;
  }
  return { ...(await natsTarget(options, terminal)), namespace, run };
}
