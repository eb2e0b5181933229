import { headerNames } from '@grm/protocol';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { Controller, Inject, Module } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Configuration } from '../configuration/configuration.ts';
import { type RunningService, startService } from '../start-service.ts';
import { type ServiceGround, serviceGround } from '../testing/service-ground.ts';
import { startNatsServer, type TestNatsServer } from '../testing/start-nats-server.ts';
import { JetStreamWorkStrategy } from './jetstream-work-strategy.ts';
import { PoisonTaskError } from './poison-task-error.ts';
import type { WorkContext } from './work-context.ts';
import { WorkHandler } from './work-handler.ts';
import { WORK_ROUTES } from './work-route.ts';

const Task = z.object({ name: z.string() });
type Task = z.infer<typeof Task>;

const patience = { timeout: 10_000, interval: 10 };

/** What the tests' handler has done, and what it waits for. */
class Desk {
  readonly started: string[] = [];
  readonly done: string[] = [];
  atOnce = 0;
  most = 0;
  /** Tasks wait here until the test opens it. */
  gate: Promise<void> = Promise.resolve();
  behave: (task: Task, context: WorkContext) => void = () => {};
}

@Controller()
class TaskController {
  constructor(@Inject(Desk) private readonly desk: Desk) {}

  @WorkHandler('write')
  async write(@Payload() task: Task, @Ctx() context: WorkContext): Promise<void> {
    await this.handle({ name: `to write ${task.name}` }, context);
  }

  @WorkHandler('sample')
  async handle(@Payload() task: Task, @Ctx() context: WorkContext): Promise<void> {
    const { desk } = this;
    desk.started.push(task.name);
    desk.most = Math.max(desk.most, ++desk.atOnce);
    try {
      desk.behave(task, context);
      await desk.gate;
      desk.done.push(task.name);
    } finally {
      desk.atOnce--;
    }
  }
}

function start(ground: ServiceGround, desk: Desk, concurrency = 4): Promise<RunningService> {
  const routes = (configuration: Configuration) => [
    {
      tasks: [
        { pattern: 'sample', subject: configuration.subjects.work.sample, schema: Task },
        { pattern: 'write', subject: configuration.subjects.work.write, schema: Task },
      ],
      stream: configuration.subjects.work.stream,
      consumer: configuration.subjects.consumers.sampler,
      deadSubject: configuration.subjects.dead.subject,
      concurrency,
      redelivery: { maxDeliveries: 3, maxLostDeliveries: 5, redeliveryDelaysMs: [10] },
    },
  ];
  @Module({
    controllers: [TaskController],
    providers: [JetStreamWorkStrategy, { provide: Desk, useValue: desk }, { provide: WORK_ROUTES, useFactory: routes, inject: [Configuration] }],
  })
  class TaskModule {}
  return startService({ application: 'worker', module: TaskModule, strategies: [JetStreamWorkStrategy], configuration: ground.configuration });
}

function put(ground: ServiceGround, ...names: string[]) {
  const client = jetstream(ground.connection);
  return Promise.all(names.map((name) => client.publish(ground.names.work.sample, JSON.stringify({ name }))));
}

function namesOf(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

describe('the work queue consumer', () => {
  let server: TestNatsServer;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('works on no more tasks at once than it has slots, and leaves the rest in the queue', async () => {
    await using ground = await serviceGround({ server });
    const desk = new Desk();
    const gate = Promise.withResolvers<void>();
    desk.gate = gate.promise;
    await using _worker = await start(ground, desk, 3);
    await put(ground, ...namesOf('t', 10));
    await expect.poll(() => desk.started.length, patience).toBe(3);
    const waiting = async () => (await (await jetstreamManager(ground.connection)).consumers.info(ground.names.work.stream, 'sampler')).num_pending;
    expect(await waiting()).toBe(7);
    gate.resolve();
    await expect.poll(ground.pending, patience).toBe(0);
    expect(desk.most).toBe(3);
    expect(desk.done.toSorted()).toEqual(namesOf('t', 10));
  });

  it('keeps a task that takes longer than the acknowledgement may', async () => {
    await using ground = await serviceGround({ server });
    const manager = await jetstreamManager(ground.connection);
    await manager.consumers.update(ground.names.work.stream, 'sampler', { ack_wait: nanos(150) });
    const desk = new Desk();
    const gate = Promise.withResolvers<void>();
    desk.gate = gate.promise;
    await using _worker = await start(ground, desk, 2);
    await put(ground, 'long');
    const startedAt = Date.now();
    await expect.poll(() => Date.now() - startedAt, patience).toBeGreaterThan(800);
    gate.resolve();
    await expect.poll(ground.pending, patience).toBe(0);
    expect(desk.started).toEqual(['long']);
  });

  it('gives a failed task another try', async () => {
    await using ground = await serviceGround({ server });
    const desk = new Desk();
    desk.behave = (_, context) => {
      if (context.deliveries < 3) throw new Error('not yet');
    };
    await using worker = await start(ground, desk);
    await put(ground, 'twice');
    await expect.poll(ground.pending, patience).toBe(0);
    expect(desk.started).toEqual(['twice', 'twice', 'twice']);
    expect(await ground.deadLetters()).toEqual([]);
    const metrics = await (await fetch(`${worker.url}/metrics`)).text();
    expect(metrics).toContain('grm_work_tasks_total{consumer="sampler",outcome="retried"} 2');
    expect(metrics).toContain('grm_work_tasks_total{consumer="sampler",outcome="done"} 1');
  });

  it('gives each kind of task to its own handler, all kinds in one line', async () => {
    await using ground = await serviceGround({ server });
    const client = jetstream(ground.connection);
    const { sample, write } = ground.names.work;
    for (const [name, subject] of [['a', sample], ['b', write], ['c', sample]] as const) await client.publish(subject, JSON.stringify({ name }));
    const desk = new Desk();
    await using _worker = await start(ground, desk, 1);
    await expect.poll(() => desk.done, patience).toEqual(['a', 'to write b', 'c']);
    await expect.poll(ground.pending, patience).toBe(0);
  });

  it('buries a task of a kind that nobody here does', async () => {
    await using ground = await serviceGround({ server });
    const { stream, sample, write, all } = ground.names.work;
    await (await jetstreamManager(ground.connection)).consumers.update(stream, 'sampler', { filter_subjects: [sample, write, all.replace('>', 'paint')] });
    await jetstream(ground.connection).publish(all.replace('>', 'paint'), '{"name": "a"}');
    const desk = new Desk();
    await using _worker = await start(ground, desk, 1);
    await put(ground, 'after');
    await expect.poll(() => desk.done, patience).toEqual(['after']);
    expect((await ground.deadLetters())[0]?.header(headerNames.dead.reason)).toMatch(/^Nobody here does tasks on grm\.work\.test\..*\.paint$/);
  });

  it('moves what it cannot read to the dead letters at once, as it came, and goes on', async () => {
    await using ground = await serviceGround({ server });
    const desk = new Desk();
    await using _worker = await start(ground, desk, 1);
    await jetstream(ground.connection).publish(ground.names.work.sample, '{"name": 7}', { msgID: 'poison' });
    await put(ground, 'after');
    await expect.poll(() => desk.done, patience).toEqual(['after']);
    await expect.poll(ground.pending, patience).toBe(0);
    const [letter, ...others] = await ground.deadLetters();
    expect(others).toEqual([]);
    expect(letter?.text).toBe('{"name": 7}');
    expect(letter?.header(headerNames.dead.reason)).toMatch(/^Task on grm\.work\.test\..* is not valid: name: /);
    expect(letter?.header(headerNames.dead.subject)).toBe(ground.names.work.sample);
    expect(letter?.header(headerNames.dead.stream)).toBe(ground.names.work.stream);
    expect(letter?.header(headerNames.dead.consumer)).toBe('sampler');
    expect(letter?.header(headerNames.dead.sequence)).toBe('1');
  });

  it('moves a task to the dead letters when its handler calls it poison, or has failed for the last time', async () => {
    await using ground = await serviceGround({ server });
    const desk = new Desk();
    desk.behave = (task) => {
      throw task.name === 'poison' ? new PoisonTaskError('no such template') : new Error('out of order');
    };
    await using _worker = await start(ground, desk, 1);
    await put(ground, 'poison', 'failing');
    await expect.poll(ground.pending, patience).toBe(0);
    const letters = await ground.deadLetters();
    expect(letters.map((letter) => [letter.header(headerNames.dead.reason), letter.header(headerNames.dead.deliveries)])).toEqual([
      ['no such template', '1'],
      ['out of order', '3'],
    ]);
  });

  it('buries a task that was delivered too often without any outcome, instead of dying of it once more', async () => {
    await using ground = await serviceGround({ server });
    await put(ground, 'killer');
    const consumer = await jetstream(ground.connection).consumers.get(ground.names.work.stream, 'sampler');
    for (let delivery = 1; delivery <= 5; delivery++) (await consumer.next({ expires: 5_000 }))?.nak();
    const desk = new Desk();
    await using _worker = await start(ground, desk);
    await expect.poll(ground.pending, patience).toBe(0);
    expect(desk.started).toEqual([]);
    expect((await ground.deadLetters())[0]?.header(headerNames.dead.reason)).toContain('delivered 5 times without an outcome');
  });

  it('does not bury a task because workers were shut down over it as often as it may fail', async () => {
    await using ground = await serviceGround({ server });
    await put(ground, 'handed back');
    const consumer = await jetstream(ground.connection).consumers.get(ground.names.work.stream, 'sampler');
    for (let delivery = 1; delivery <= 4; delivery++) (await consumer.next({ expires: 5_000 }))?.nak();
    const desk = new Desk();
    await using _worker = await start(ground, desk);
    await expect.poll(ground.pending, patience).toBe(0);
    expect(desk.done).toEqual(['handed back']);
    expect(await ground.deadLetters()).toEqual([]);
  });

  it('finishes what it has begun when it is closed, and takes nothing more', async () => {
    await using ground = await serviceGround({ server });
    const desk = new Desk();
    const gate = Promise.withResolvers<void>();
    desk.gate = gate.promise;
    const worker = await start(ground, desk, 2);
    await put(ground, ...namesOf('t', 5));
    await expect.poll(() => desk.started.length, patience).toBe(2);
    const closed = worker.close();
    expect((await fetch(`${worker.url}/readyz`)).status).toBe(503);
    gate.resolve();
    await closed;
    expect(desk.done).toEqual(desk.started);
    expect(desk.done).toHaveLength(2);
    expect(await ground.pending()).toBe(3);
    const { num_ack_pending: unsettled } = await (await jetstreamManager(ground.connection)).consumers.info(ground.names.work.stream, 'sampler');
    expect(unsettled).toBe(0);
  });

  it('hands back what it cannot finish in its time, so that another does it at once', async () => {
    await using ground = await serviceGround({ server, environment: { GRM_DRAIN_MS: '1000' } });
    const desk = new Desk();
    desk.gate = new Promise(() => {});
    const worker = await start(ground, desk, 1);
    await put(ground, 'slow', 'waiting');
    await expect.poll(() => desk.started, patience).toEqual(['slow']);
    const asked = Date.now();
    await worker.close();
    expect(Date.now() - asked).toBeLessThan(1_000);
    expect(desk.done).toEqual([]);

    const next = new Desk();
    await using _other = await start(ground, next, 2);
    // Sooner than a worker's silence would have set it free.
    await expect.poll(() => next.done.toSorted(), { timeout: 3_000, interval: 10 }).toEqual(['slow', 'waiting']);
    expect(await ground.deadLetters()).toEqual([]);
  });
});

it('a worker survives a restart of the server and works on what waited', async () => {
  await using ground = await serviceGround();
  const desk = new Desk();
  await using worker = await start(ground, desk, 2);
  await put(ground, 'before');
  await expect.poll(ground.pending, patience).toBe(0);
  const ready = async () => (await fetch(`${worker.url}/readyz`)).status;
  expect(await ready()).toBe(200);

  await ground.server.stop('SIGKILL');
  await expect.poll(ready, patience).toBe(503);
  expect((await fetch(`${worker.url}/healthz`)).status).toBe(200);
  await ground.server.start();
  await expect.poll(ready, patience).toBe(200);
  await ground.connection.flush();
  await put(ground, 'after');
  await expect.poll(() => desk.done, patience).toEqual(['before', 'after']);
});
