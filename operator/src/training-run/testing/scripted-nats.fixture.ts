import type { RunProgress } from '@grm/protocol';
import { NatsUnavailableError } from '../../nats/nats-unavailable-error.ts';
import type { RunNats, SuspendAnswer } from '../../nats/run-nats.ts';
import { at } from './facts.fixture.ts';

/** NATS as a test wants it to be. */
export class ScriptedNats implements RunNats {
  up = true;
  said: RunProgress | undefined;
  heardAt = at(0);
  readonly done: string[] = [];
  answer: () => Promise<SuspendAnswer> = async () => ({ kind: 'nobody' });
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  say(progress: RunProgress): void {
    this.said = progress;
    this.heardAt = this.#now();
  }

  progress(): ReturnType<RunNats['progress']> {
    if (!this.up) return { kind: 'unavailable', since: at(0) };
    return this.said === undefined ? { kind: 'none', listeningSince: at(0) } : { kind: 'known', progress: this.said, heardAt: this.heardAt, listeningSince: at(0) };
  }

  requestSuspend(): Promise<SuspendAnswer> {
    this.#do('suspend');
    return this.answer();
  }

  ensureRolloutTopology = async (): Promise<void> => this.#do('ensure rollouts');
  removeRolloutTopology = async (): Promise<void> => this.#do('remove rollouts');
  removeProgress = async (): Promise<void> => this.#do('remove progress');
  removeCheckpoints = async (): Promise<void> => this.#do('remove checkpoints');

  #do(what: string): void {
    if (!this.up) throw new NatsUnavailableError(what);
    this.done.push(what);
  }
}
