import { GrmError, type TaskFailure } from '@grm/protocol';
import { jetstream } from '@nats-io/jetstream';
import { Controller, Inject, Module } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Configuration } from '../configuration/configuration.ts';
import { type RunningService, startService } from '../start-service.ts';
import { type ServiceGround, serviceGround } from '../testing/service-ground.ts';
import { startNatsServer, type TestNatsServer } from '../testing/start-nats-server.ts';
import { Cancellations } from './cancellations.ts';
import { JetStreamWorkStrategy } from './jetstream-work-strategy.ts';
import { type AnswerableTask, TaskAnswers } from './task-answers.ts';
import type { WorkContext } from './work-context.ts';
import { WorkHandler } from './work-handler.ts';
import { WORK_ROUTES } from './work-route.ts';

const Task = z.object({ requestId: z.string(), taskId: z.string(), replyTo: z.string(), deadline: z.number() });
const patience = { timeout: 10_000, interval: 10 };

class Desk {
  readonly started: string[] = [];
  work: (task: AnswerableTask, signal: AbortSignal) => Promise<unknown> = async (task) => ({ did: task.taskId });
}

@Controller()
class TaskController {
  constructor(
    @Inject(TaskAnswers) private readonly answers: TaskAnswers,
    @Inject(Desk) private readonly desk: Desk,
  ) {}

  @WorkHandler('meta')
  async handle(@Payload() task: AnswerableTask, @Ctx() context: WorkContext): Promise<void> {
    await this.answers.answer(task, context, (signal) => {
      this.desk.started.push(task.taskId);
      return this.desk.work(task, signal);
    });
  }
}

type Put = (task: Partial<AnswerableTask>) => Promise<void>;

/** A worker with one slot, and what it has answered. `before` runs when answers are listened to and the worker is not there yet. */
async function scene(
  server: TestNatsServer,
  desk: Desk,
  before?: (ground: ServiceGround, put: Put) => Promise<void>,
): Promise<{ ground: ServiceGround; worker: RunningService; answers: unknown[]; put: Put } & AsyncDisposable> {
  const ground = await serviceGround({ server });
  const routes = ({ subjects: { work, consumers, dead } }: Configuration) => [
    { tasks: [{ pattern: 'meta', subject: work.meta, schema: Task }], stream: work.stream, consumer: consumers.metaRM, deadSubject: dead.subject, concurrency: 1, redelivery: { maxDeliveries: 3, maxLostDeliveries: 3, redeliveryDelaysMs: [10] } },
  ];
  @Module({
    controllers: [TaskController],
    providers: [JetStreamWorkStrategy, Cancellations, TaskAnswers, { provide: Desk, useValue: desk }, { provide: WORK_ROUTES, useFactory: routes, inject: [Configuration] }],
  })
  class TaskModule {}
  const answers: unknown[] = [];
  const replyTo = `answers.${ground.names.microService}`;
  ground.connection.subscribe(replyTo, {
    callback: (_, message) => {
      answers.push(message.json());
    },
  });
  const put: Put = async (task) => {
    const whole = { requestId: 'r', taskId: 't', replyTo, deadline: Date.now() + 30_000, ...task };
    await jetstream(ground.connection).publish(ground.names.work.meta, JSON.stringify(whole));
  };
  await before?.(ground, put);
  const worker = await startService({ application: 'worker', module: TaskModule, strategies: [JetStreamWorkStrategy], configuration: ground.configuration });
  return {
    ground,
    worker,
    answers,
    put,
    [Symbol.asyncDispose]: async () => {
      await worker.close();
      await ground[Symbol.asyncDispose]();
    },
  };
}

async function metric(worker: RunningService, line: string): Promise<string | undefined> {
  const text = await (await fetch(`${worker.url}/metrics`)).text();
  return text.split('\n').find((candidate) => candidate.startsWith(line))?.slice(line.length + 1);
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

describe('the answer to a task', () => {
  let server: TestNatsServer;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('is what the work gave', async () => {
    await using stage = await scene(server, new Desk());
    await stage.put({});
    await expect.poll(() => stage.answers, patience).toEqual([{ did: 't' }]);
  });

  it('is not given, and no work done, when the deadline has passed', async () => {
    const desk = new Desk();
    await using stage = await scene(server, desk);
    await stage.put({ taskId: 'late', deadline: Date.now() - 1 });
    await stage.put({ taskId: 'in-time' });
    await expect.poll(() => stage.answers, patience).toEqual([{ did: 'in-time' }]);
    expect(desk.started).toEqual(['in-time']);
    expect(await stage.ground.pending()).toBe(0);
    expect(await metric(stage.worker, 'grm_work_tasks_skipped_total{consumer="meta-rm",reason="deadline"}')).toBe('1');
  });

  it('is not given when the deadline passes during the work, which is stopped', async () => {
    const desk = new Desk();
    desk.work = (task, signal) => (task.taskId === 'slow' ? whenAborted(signal) : Promise.resolve({ did: task.taskId }));
    await using stage = await scene(server, desk);
    await stage.put({ taskId: 'slow', deadline: Date.now() + 300 });
    await stage.put({ taskId: 'next' });
    await expect.poll(() => stage.answers, patience).toEqual([{ did: 'next' }]);
    expect(desk.started).toEqual(['slow', 'next']);
  });

  it('is not given when the request is cancelled: what runs is stopped, what waits is dropped, other requests go on', async () => {
    const desk = new Desk();
    desk.work = (task, signal) => (task.taskId === 'running' ? whenAborted(signal) : Promise.resolve({ did: task.taskId }));
    await using stage = await scene(server, desk);
    await stage.put({ requestId: 'unwanted', taskId: 'running' });
    await expect.poll(() => desk.started, patience).toEqual(['running']);
    await stage.put({ requestId: 'unwanted', taskId: 'waiting' });
    await stage.put({ requestId: 'wanted', taskId: 'other' });
    stage.ground.connection.publish(stage.ground.names.cancel, 'not json');
    stage.ground.connection.publish(stage.ground.names.cancel, JSON.stringify({ requestId: 'unwanted' }));
    await expect.poll(() => stage.answers, patience).toEqual([{ did: 'other' }]);
    expect(desk.started).toEqual(['running', 'other']);
    expect(await metric(stage.worker, 'grm_work_tasks_skipped_total{consumer="meta-rm",reason="cancelled"}')).toBe('2');
    expect(await stage.ground.pending()).toBe(0);
  });

  it('is an error at once when the result is above max_payload: it would be each time', async () => {
    const desk = new Desk();
    desk.work = () => Promise.resolve({ text: 'x'.repeat(1_100_000) });
    await using stage = await scene(server, desk);
    await stage.put({});
    const message = expect.stringMatching(/^The result is 1100011 bytes, .* at most 1048576 \(its max_payload\)/);
    await expect.poll(() => stage.answers, patience).toEqual([{ requestId: 'r', taskId: 't', error: { code: 'invalid-request', message } }]);
    expect(desk.started).toEqual(['t']);
    await expect.poll(() => stage.ground.pending(), patience).toBe(0);
  });

  it('is the error at once when the task itself is at fault', async () => {
    const desk = new Desk();
    desk.work = () => Promise.reject(new GrmError('invalid-request', 'the prompt is too long'));
    await using stage = await scene(server, desk);
    await stage.put({});
    await expect.poll(() => stage.answers, patience).toEqual([{ requestId: 'r', taskId: 't', error: { code: 'invalid-request', message: 'the prompt is too long' } }]);
    await expect.poll(stage.ground.pending, patience).toBe(0);
    expect(await stage.ground.deadLetters()).toEqual([]);
  });

  it('is an error once, with the last delivery, when the worker fails each time; the task is a dead letter then', async () => {
    const desk = new Desk();
    desk.work = () => Promise.reject(new Error('engine on fire at 10.0.0.7'));
    await using stage = await scene(server, desk);
    await stage.put({});
    await expect.poll(stage.ground.pending, patience).toBe(0);
    expect(desk.started).toHaveLength(3);
    const [failure, ...more] = stage.answers.filter((answer): answer is TaskFailure => typeof answer === 'object');
    expect(more).toEqual([]);
    expect(failure?.error.code).toBe('model-unavailable');
    expect(failure?.error.message).not.toContain('10.0.0.7');
    expect(await stage.ground.deadLetters()).toHaveLength(1);
  });

  it('is an error when the task is buried because its workers died of it', async () => {
    const desk = new Desk();
    await using stage = await scene(server, desk, async (ground, put) => {
      await put({});
      const consumer = await jetstream(ground.connection).consumers.get(ground.names.work.stream, 'meta-rm');
      for (let delivery = 1; delivery <= 3; delivery++) (await consumer.next({ expires: 5_000 }))?.nak();
    });
    const message = expect.stringContaining('delivered 3 times without an outcome');
    await expect.poll(() => stage.answers, patience).toEqual([{ requestId: 'r', taskId: 't', error: { code: 'model-unavailable', message } }]);
    expect(desk.started).toEqual([]);
    expect(await stage.ground.deadLetters()).toHaveLength(1);
  });

  it('is an error when the task is buried because it cannot be read, if it says where to answer', async () => {
    const desk = new Desk();
    await using stage = await scene(server, desk);
    await stage.put({ deadline: Number.NaN });
    const message = expect.stringContaining('could not read the task');
    await expect.poll(() => stage.answers, patience).toEqual([{ requestId: 'r', taskId: 't', error: { code: 'model-unavailable', message } }]);
    expect(desk.started).toEqual([]);
    expect(await stage.ground.deadLetters()).toHaveLength(1);
  });
});
