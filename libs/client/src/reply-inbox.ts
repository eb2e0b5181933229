import { timerDelay } from '@grm/protocol';
import { createInbox, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';

/** One subscription for the replies of all requests of a client; each request has a subject of its own below it. */
export class ReplyInbox {
  readonly #prefix: string;
  readonly #subscription: Subscription;
  readonly #open = new Map<string, { readonly asked: string; readonly replies: Replies }>();
  #next = 0;
  /** Why nothing can be heard here. */
  #deaf: Error | undefined;

  constructor(connection: NatsConnection, inboxPrefix?: string) {
    this.#prefix = createInbox(inboxPrefix);
    this.#subscription = connection.subscribe(`${this.#prefix}.*`, {
      callback: (_, message) => this.#open.get(message.subject)?.replies.push(message),
    });
  }

  /** @param asked where the request goes */
  open(asked: string): Replies {
    const subject = `${this.#prefix}.${this.#next++}`;
    const replies = new Replies(subject, () => this.#open.delete(subject));
    if (this.#deaf !== undefined) replies.fail(this.#deaf);
    this.#open.set(subject, { asked, replies });
    return replies;
  }

  /** Requests that wait fail with this error. */
  close(error: Error): void {
    this.#subscription.unsubscribe();
    for (const { replies } of this.#open.values()) replies.fail(error);
  }

  /** The server lets nothing through to a subject, or from it: whoever waits for it fails with this error. */
  refuse(subject: string, error: Error): void {
    if (subject.startsWith(this.#prefix)) this.#deaf = error;
    for (const { asked, replies } of this.#open.values()) if (subject === asked || subject.startsWith(this.#prefix)) replies.fail(error);
  }
}

/** The replies to one request, in the order in which they came. */
export class Replies implements Disposable {
  readonly subject: string;
  readonly #dispose: () => void;
  readonly #waiting: Msg[] = [];
  #failure: Error | undefined;
  #wake: () => void = () => {};

  constructor(subject: string, dispose: () => void) {
    this.subject = subject;
    this.#dispose = dispose;
  }

  push(message: Msg): void {
    this.#waiting.push(message);
    this.#wake();
  }

  fail(error: Error): void {
    this.#failure = error;
    this.#wake();
  }

  /** The next reply; undefined when none came within the time (ms). @throws the signal's reason when it aborts. */
  async next(milliseconds: number, signal?: AbortSignal): Promise<Msg | undefined> {
    if (this.#waiting.length === 0 && this.#failure === undefined && milliseconds > 0) await this.#pause(milliseconds, signal);
    signal?.throwIfAborted();
    if (this.#failure !== undefined) throw this.#failure;
    return this.#waiting.shift();
  }

  [Symbol.dispose](): void {
    this.#dispose();
  }

  async #pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = setTimeout(resolve, timerDelay(milliseconds));
    signal?.addEventListener('abort', this.#wake, { once: true });
    if (signal?.aborted) resolve();
    await promise;
    clearTimeout(timer);
    signal?.removeEventListener('abort', this.#wake);
  }
}
