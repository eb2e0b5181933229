import { GrmError, parsePayload } from '@grm/protocol';
import type { JsMsg } from '@nats-io/jetstream';
import { SpanKind } from '@opentelemetry/api';
import type { NatsClient } from '../nats/nats-client.ts';
import { workQueuePolicy } from '../nats/work-queue-policy.ts';
import { inSpan } from '../telemetry/in-span.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { traceOf } from '../telemetry/trace-headers.ts';
import { answerFailure } from './answer-failure.ts';
import { bury } from './dead-letters.ts';
import { PoisonTaskError } from './poison-task-error.ts';
import { WorkContext } from './work-context.ts';
import type { TaskKind, WorkRoute } from './work-route.ts';

/** When even the dead-letter stream cannot be reached, the task stays and is looked at again later. */
const buryRetryMs = 30_000;

/** Does the tasks of one kind. */
export interface TaskHandler extends TaskKind {
  readonly handle: (task: unknown, context: WorkContext) => Promise<unknown>;
}

export interface TaskProcessing {
  readonly nats: NatsClient;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly route: WorkRoute;
  readonly handlers: readonly TaskHandler[];
  readonly signal: AbortSignal;
}

/** Parses one task, runs its handler and settles it: acknowledged, delivered again after a pause, or a dead letter. */
export async function processTask(message: JsMsg, ackWaitMs: number, processing: TaskProcessing): Promise<void> {
  const { route, metrics } = processing;
  const labels = { consumer: route.consumer };
  if (message.info.deliveryCount === 1) {
    metrics.queueSeconds.observe(labels, Math.max(0, Date.now() / 1e3 - Number(message.timestampNanos) / 1e9));
  }
  const endTimer = metrics.taskSeconds.startTimer(labels);
  metrics.tasksInFlight.inc(labels);
  const heartbeat = setInterval(() => message.working(), ackWaitMs / 3);
  try {
    const outcome = await settle(message, processing);
    metrics.tasks.inc({ ...labels, outcome });
  } finally {
    clearInterval(heartbeat);
    metrics.tasksInFlight.dec(labels);
    endTimer();
  }
}

async function settle(message: JsMsg, processing: TaskProcessing): Promise<'done' | 'retried' | 'dead'> {
  const { route, log, signal } = processing;
  const deliveries = message.info.deliveryCount;
  const { maxDeliveries, maxLostDeliveries, redeliveryDelaysMs } = route.redelivery ?? workQueuePolicy;
  if (deliveries > maxLostDeliveries) {
    const reason = `The task was delivered ${deliveries - 1} times without an outcome; its workers may have died of it`;
    return makeDead(message, processing, new GrmError('model-unavailable', reason));
  }
  try {
    await run(message, processing);
    message.ack();
    return 'done';
  } catch (error) {
    if (signal.aborted) {
      message.nak();
      return 'retried';
    }
    log.error({ err: error, consumer: route.consumer, deliveries, sequence: message.info.streamSequence }, 'task failed');
    if (error instanceof PoisonTaskError || deliveries >= maxDeliveries) return makeDead(message, processing, error);
    message.nak(redeliveryDelaysMs[deliveries - 1] ?? redeliveryDelaysMs.at(-1));
    return 'retried';
  }
}

async function run(message: JsMsg, { route, handlers, signal }: TaskProcessing): Promise<void> {
  signal.throwIfAborted();
  const handler = handlers.find(({ subject }) => subject === message.subject);
  if (handler === undefined) throw new PoisonTaskError(`Nobody here does tasks on ${message.subject}`);
  const task = parseTask(message, handler);
  const attributes = {
    'messaging.system': 'nats',
    'messaging.operation.type': 'process',
    'messaging.destination.name': message.subject,
    'messaging.consumer.group.name': route.consumer,
  };
  await inSpan({ name: `process ${handler.pattern}`, kind: SpanKind.CONSUMER, parent: traceOf(message.headers), attributes }, async () => {
    await unlessAborted(handler.handle(task, new WorkContext(message, signal)), signal);
  });
}

/** Does not wait for a handler that cannot stop at once: a task that is handed back now is with another worker before this one has left. */
async function unlessAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function parseTask(message: JsMsg, { schema }: TaskKind): unknown {
  try {
    return parsePayload(schema, message.data, `Task on ${message.subject}`);
  } catch (cause) {
    throw new PoisonTaskError(GrmError.from(cause).message, { cause });
  }
}

/** Buries a task and tells whoever waits for it; the latter also when it could not be buried, since nothing better will come of it. */
async function makeDead(message: JsMsg, { nats, route, log }: TaskProcessing, cause: unknown): Promise<'dead' | 'retried'> {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const origin = { consumer: route.consumer, sequence: message.info.streamSequence, reason };
  try {
    answerFailure(nats, message, cause);
    await bury(nats, route.deadSubject, message, reason);
    message.term(reason.slice(0, 200).replaceAll(/[\r\n]+/g, ' '));
    log.error(origin, 'task is a dead letter now');
    return 'dead';
  } catch (error) {
    message.nak(buryRetryMs);
    log.error({ ...origin, err: error }, 'a poisonous task could not be copied to the dead-letter stream; it stays in the queue');
    return 'retried';
  }
}
