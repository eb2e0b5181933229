import { setTimeout as delay } from 'node:timers/promises';
import { readJsonFile } from '../files/json-file.ts';
import type { LocalFolder } from './local-folder.ts';
import { lastLines } from './last-lines.ts';
import { type LocalState, localState, type ProcessStatus, type ResourceStatus } from './local-state.ts';

const POLL_MS = 100;
/** Starts in a row without having become ready after which waiting on is no use. */
const HOPELESS_STARTS = 3;

export interface WaitOptions {
  readonly folder: LocalFolder;
  /** Generation of the desired state to wait for. */
  readonly generation: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Whether the supervisor is still there. */
  readonly supervised: () => Promise<boolean>;
  /** Called with every state that is read. */
  readonly progress: (state: LocalState) => void | Promise<void>;
}

/** What was applied did not become ready. The message ends with the last lines of the log that tells why. */
export class NotReadyError extends Error {
  /** The process to look at, if one is to blame. */
  readonly process: string | undefined;
  readonly timedOut: boolean;

  constructor(message: string, process?: ProcessStatus, log: readonly string[] = [], timedOut = false) {
    super(process === undefined ? message : [message, `the log ${process.log} ends with:`, ...log.map((line) => `  ${line}`)].join('\n'));
    this.name = 'NotReadyError';
    this.process = process?.name;
    this.timedOut = timedOut;
  }
}

/**
 * Waits until every applied resource is complete, ready, or suspended; a service whose run is suspended is not waited for.
 *
 * @throws {NotReadyError} when one failed, a process keeps failing, the supervisor is gone, or time is up.
 */
export async function waitUntilReady({ folder, generation, timeoutMs, signal, supervised, progress }: WaitOptions): Promise<LocalState> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    signal.throwIfAborted();
    const state = await readJsonFile(folder.state, localState);
    if (state !== undefined && state.generation >= generation) {
      await progress(state);
      if (state.resources.every(isSettled) && natsIsReady(state)) return state;
      await refuseHopeless(state);
    }
    if (!(await supervised())) {
      const lines = (await lastLines(folder.log('supervisor'), 5)).map((line) => `  ${line}`);
      throw new NotReadyError([`the supervisor has ended; the log ${folder.log('supervisor')} ends with:`, ...lines].join('\n'));
    }
    if (Date.now() > deadline) {
      const waiting = state?.processes.find(({ state: is }) => !['ready', 'succeeded', 'suspended'].includes(is));
      throw new NotReadyError(`not ready after ${timeoutMs / 1000} s`, waiting, waiting === undefined ? [] : await lastLines(waiting.log, 15), true);
    }
    await delay(POLL_MS, undefined, { signal });
  }
}

/** Whether it stays as it is until somebody applies something else. */
function isSettled({ phase, heldBy }: ResourceStatus): boolean {
  return phase === 'Ready' || phase === 'Complete' || phase === 'Suspended' || heldBy !== undefined;
}

function natsIsReady({ nats, processes }: LocalState): boolean {
  return !nats.managed || processes.some(({ owner, state }) => owner === 'nats' && state === 'ready');
}

async function refuseHopeless({ resources, processes }: LocalState): Promise<void> {
  const failed = resources.find(({ phase }) => phase === 'Failed');
  if (failed !== undefined) {
    const blamed = processes.find(({ owner, state }) => owner === failed.key && state === 'failed');
    const message = `${failed.kind} ${failed.name} failed: ${failed.message ?? 'no reason given'}`;
    throw new NotReadyError(message, blamed, blamed === undefined ? [] : await lastLines(blamed.log, 15));
  }
  const looping = processes.find(({ failedStarts, state }) => failedStarts >= HOPELESS_STARTS && state === 'backing-off');
  if (looping !== undefined) {
    throw new NotReadyError(`${looping.name} keeps failing: ${looping.message ?? ''}`, looping, await lastLines(looping.log, 15));
  }
}
