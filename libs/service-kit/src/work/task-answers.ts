import { GrmError, type TaskFailure } from '@grm/protocol';
import { errors } from '@nats-io/transport-node';
import { Inject, Injectable } from '@nestjs/common';
import { deadlineSignal } from '../deadline-signal.ts';
import { NatsClient } from '../nats/nats-client.ts';
import { Metrics } from '../telemetry/metrics.ts';
import { Cancellations } from './cancellations.ts';
import type { WorkContext } from './work-context.ts';

/** What tasks that are answered have in common. */
export interface AnswerableTask {
  readonly requestId: string;
  readonly taskId: string;
  /** Subject on which somebody waits. */
  readonly replyTo: string;
  /** Epoch ms; afterwards nobody does. */
  readonly deadline: number;
}

type SkipReason = 'cancelled' | 'deadline';

/** Answers tasks whose sender waits: does the work while it is wanted, and sends its result or why there is none. */
@Injectable()
export class TaskAnswers {
  constructor(
    @Inject(NatsClient) private readonly nats: NatsClient,
    @Inject(Cancellations) private readonly cancellations: Cancellations,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {}

  /**
   * The work's signal aborts at the task's deadline, when its request is cancelled, and when the process can wait no longer.
   * A task that nobody waits for any more counts as done, and as skipped. `invalid-request` is answered and done. Any other error is thrown on, so that the task is
   * delivered again, or buried, and its sender told then.
   */
  async answer(task: AnswerableTask, context: WorkContext, work: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    using interest = this.cancellations.watch(task.requestId);
    using late = deadlineSignal(task.deadline, new Error('the deadline of the task has passed'));
    const skipReason = (): SkipReason | undefined => (interest.signal.aborted ? 'cancelled' : late.signal.aborted ? 'deadline' : undefined);
    const unwanted = skipReason();
    if (unwanted !== undefined) return this.#skip(context, unwanted);
    try {
      const result = await work(AbortSignal.any([interest.signal, late.signal, context.signal]));
      // It has been handed back by now, and another answers.
      context.signal.throwIfAborted();
      this.#send(task.replyTo, result);
    } catch (error) {
      const reason = skipReason();
      if (reason !== undefined) return this.#skip(context, reason);
      if (context.signal.aborted || !GrmError.isInstance(error) || error.code !== 'invalid-request') throw error;
      const { requestId, taskId, replyTo } = task;
      this.nats.publish(replyTo, { requestId, taskId, error: error.toBody() } satisfies TaskFailure);
    }
  }

  #send(replyTo: string, result: unknown): void {
    try {
      this.nats.publish(replyTo, result);
    } catch (cause) {
      if (!(cause instanceof errors.InvalidArgumentError)) throw cause;
      const { max_payload: limit } = this.nats.connection.info ?? {};
      const size = Buffer.byteLength(JSON.stringify(result));
      // The work would come to the same each time.
      throw new GrmError('invalid-request', `The result is ${size} bytes, the NATS server takes at most ${limit} (its max_payload); let judgements be shorter, or raise the limit`, { cause });
    }
  }

  #skip({ consumer }: WorkContext, reason: SkipReason): void {
    this.metrics.tasksSkipped.inc({ consumer, reason });
  }
}
