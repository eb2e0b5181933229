import { randomUUID } from 'node:crypto';
import { Answer, AnswerRequest, checkPayload, formatDeadline, GrmError, headerNames, JudgeRequest, parsePayload, Verdict } from '@grm/protocol';
import { errors, headers as createHeaders, type NatsConnection } from '@nats-io/transport-node';
import { ConnectionState } from './connection-state.ts';
import { exchange, heartbeatMs } from './exchange.ts';
import { ClientClosedError, InternalServiceError, InvalidRequestError, NotPermittedError, RequestTooLargeError, typedError } from './judge-errors.ts';
import type { JudgeClient, JudgeOptions } from './judge-client.ts';
import { ReplyInbox } from './reply-inbox.ts';

export interface NatsJudgeOptions {
  readonly subjects: { readonly judge: string; readonly answer: string };
  readonly timeoutMs: number;
  readonly patienceMs: number;
  /** Where the connection's user may be answered; `_INBOX` when absent. */
  readonly inboxPrefix?: string | undefined;
}

/** One endpoint of the service. */
interface Endpoint<Reply> {
  readonly subject: string;
  /** What the reply is called in messages. */
  readonly noun: string;
  /** The request as it is sent. @throws GrmError */
  readonly check: (request: object) => object;
  /** @throws GrmError when the payload is no such reply */
  readonly read: (payload: Uint8Array) => Reply;
}

export class NatsJudgeClient implements JudgeClient {
  readonly #connection: NatsConnection;
  readonly #options: NatsJudgeOptions;
  readonly #inbox: ReplyInbox;
  readonly #state: ConnectionState;

  constructor(connection: NatsConnection, options: NatsJudgeOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#inbox = new ReplyInbox(connection, options.inboxPrefix);
    this.#state = new ConnectionState(connection);
    void this.#watchRefusals();
  }

  async judge(request: JudgeRequest, options: JudgeOptions = {}): Promise<Verdict> {
    const endpoint = {
      subject: this.#options.subjects.judge,
      noun: 'verdict',
      check: (sent: object) => checkPayload(JudgeRequest, sent, 'JudgeRequest'),
      read: (payload: Uint8Array) => parsePayload(Verdict, payload, 'Verdict'),
    };
    return this.#ask(endpoint, request, options);
  }

  async answer(request: AnswerRequest, options: JudgeOptions = {}): Promise<Answer> {
    const endpoint = {
      subject: this.#options.subjects.answer,
      noun: 'answer',
      check: (sent: object) => checkPayload(AnswerRequest, sent, 'AnswerRequest'),
      read: (payload: Uint8Array) => parsePayload(Answer, payload, 'Answer'),
    };
    return this.#ask(endpoint, request, options);
  }

  async close(): Promise<void> {
    this.#inbox.close(new ClientClosedError());
    if (!this.#connection.isClosed()) await this.#connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #ask<Reply>(endpoint: Endpoint<Reply>, request: object, options: JudgeOptions): Promise<Reply> {
    options.signal?.throwIfAborted();
    if (this.#connection.isClosed()) throw new ClientClosedError();
    const payload = this.#encode(endpoint, { id: randomUUID(), ...request });
    const deadline = Date.now() + checkTimeout(options.timeoutMs ?? this.#options.timeoutMs);
    const headers = createHeaders();
    headers.set(headerNames.deadline, formatDeadline(deadline));
    headers.set(headerNames.heartbeat, String(heartbeatMs));
    const { subject, noun } = endpoint;
    const { signal, maxAttempts = Number.POSITIVE_INFINITY } = options;
    using replies = this.#inbox.open(subject);
    const reply = await exchange({
      replies,
      state: this.#state,
      subject,
      noun,
      deadline,
      patienceMs: this.#options.patienceMs,
      maxAttempts,
      ...(signal && { signal }),
      send: () => this.#connection.publish(subject, payload, { headers, reply: replies.subject }),
    });
    return readReply(endpoint, reply);
  }

  /** Says at once what the server does not let the user do; otherwise one would wait for an answer to what was never asked. */
  async #watchRefusals(): Promise<void> {
    for await (const status of this.#connection.status()) {
      if (status.type !== 'error' || !(status.error instanceof errors.PermissionViolationError)) continue;
      const { subject } = status.error;
      this.#inbox.refuse(subject, new NotPermittedError(subject, { cause: status.error }));
    }
  }

  #encode<Reply>(endpoint: Endpoint<Reply>, request: object): Uint8Array {
    const payload = Buffer.from(JSON.stringify(checkRequest(endpoint, request)));
    const limit = this.#connection.info?.max_payload ?? Number.POSITIVE_INFINITY;
    if (payload.length > limit) throw new RequestTooLargeError(payload.length, limit);
    return payload;
  }
}

function checkTimeout(timeoutMs: number): number {
  if (Number.isFinite(timeoutMs) && timeoutMs > 0) return timeoutMs;
  throw new InvalidRequestError(`timeoutMs must be a number of milliseconds above 0, got ${timeoutMs}`);
}

function checkRequest<Reply>({ check }: Endpoint<Reply>, request: object): object {
  try {
    return check(request);
  } catch (error) {
    throw GrmError.isInstance(error) ? typedError(error) : error;
  }
}

function readReply<Reply>({ read, noun }: Endpoint<Reply>, payload: Uint8Array): Reply {
  try {
    return read(payload);
  } catch (cause) {
    throw new InternalServiceError(`The service answered with something that is no ${noun}; client and service may be of different versions`, { cause });
  }
}
