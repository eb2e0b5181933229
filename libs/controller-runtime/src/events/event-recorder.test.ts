import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiError } from '../api/api-error.ts';
import { type ApiGround, lease, realGround } from '../api/api-grounds.fixture.ts';
import type { KubernetesObject } from '../api/kubernetes-object.ts';
import { type Lease, leases } from '../leader/lease.ts';
import { ManualClock } from '../time/manual-clock.fixture.ts';
import { type EventFact, EventRecorder, type EventRecorderOptions, events } from './event-recorder.ts';

let ground: ApiGround;
beforeAll(async () => {
  ground = await realGround();
});
afterAll(() => ground[Symbol.asyncDispose]());

const started: EventFact = { type: 'Normal', reason: 'Started', action: 'Start', message: 'it runs' };
const recorderOf = (clock: ManualClock, options: Partial<EventRecorderOptions> = {}) => new EventRecorder({ client: ground.client, controller: 'example.org/operator', instance: 'operator-1', clock, log: pino({ level: 'silent' }), ...options });
const regarding = (name: string): Promise<Lease> => ground.client.create(leases, lease(ground.namespace, name));

/** Events about one object as the API server has them, in the order of their times. */
async function eventsOf({ metadata }: KubernetesObject): Promise<readonly Record<string, unknown>[]> {
  const all = await ground.client.list(events, { namespace: ground.namespace });
  const own = all.map((event) => ({ ...event })).filter((event) => 'regarding' in event && (event.regarding as { name: string }).name === metadata.name);
  return own.toSorted((one, other) => one.eventTime.localeCompare(other.eventTime));
}

/** An API that keeps what it is asked to write. */
class EventsDouble {
  readonly written: string[] = [];
  hold: Promise<void> = Promise.resolve();
  refuses: ApiError | undefined;

  readonly create = async <T extends KubernetesObject>(_type: unknown, object: T): Promise<T> => this.#write(`create ${'note' in object ? String(object.note) : ''}`, object);
  readonly patch = async <T extends KubernetesObject>(_type: unknown, _key: unknown, patch: unknown): Promise<T> => this.#write(`patch ${JSON.stringify(patch)}`, patch as T);

  async #write<T>(what: string, answer: T): Promise<T> {
    await this.hold;
    if (this.refuses !== undefined) throw this.refuses;
    this.written.push(what);
    return answer;
  }
}

test('an event says what happened to which object, and who says so', async () => {
  const clock = new ManualClock();
  const object = await regarding('told');
  const recorder = recorderOf(clock);
  recorder.record(object, started);
  recorder.record(object, { type: 'Warning', reason: 'Failed', message: 'it broke' });
  await recorder.flush();
  const told = await eventsOf(object);
  expect(told).toHaveLength(2);
  expect(told).toContainEqual(
    expect.objectContaining({ type: 'Normal', reason: 'Started', action: 'Start', note: 'it runs', reportingController: 'example.org/operator', reportingInstance: 'operator-1', regarding: expect.objectContaining({ kind: 'Lease', name: 'told', uid: object.metadata.uid }) }),
  );
  expect(told).toContainEqual(expect.objectContaining({ type: 'Warning', reason: 'Failed', action: 'Failed' }));
});

test('the same event again is one series, and a new event once it was silent for more than six minutes', async () => {
  const clock = new ManualClock();
  const object = await regarding('again');
  const recorder = recorderOf(clock);
  for (let time = 0; time < 5; time++) {
    recorder.record(object, started);
    await recorder.flush();
    clock.stall(60_000);
  }
  // The fifth is no power of two, so it was not written.
  expect(await eventsOf(object)).toEqual([expect.objectContaining({ series: expect.objectContaining({ count: 4 }) })]);
  clock.stall(6 * 60_000);
  recorder.record(object, started);
  await recorder.flush();
  const both = await eventsOf(object);
  expect(both.map((event) => event['series'] !== undefined)).toEqual([true, false]);
});

test('a series whose event the server has forgotten is written anew with its count', async () => {
  const object = await regarding('forgotten');
  const recorder = recorderOf(new ManualClock());
  recorder.record(object, started);
  await recorder.flush();
  const all = await ground.client.list(events, { namespace: ground.namespace });
  for (const { metadata } of all.filter(({ metadata }) => metadata.name.startsWith('forgotten.'))) await ground.client.delete(events, { namespace: ground.namespace, name: metadata.name });
  expect(await eventsOf(object)).toEqual([]);
  recorder.record(object, started);
  await recorder.flush();
  expect(await eventsOf(object)).toEqual([expect.objectContaining({ series: expect.objectContaining({ count: 2 }), note: 'it runs' })]);
});

test('messages of any length, and names of any length, are taken by the API server', async () => {
  const object = await regarding(`${'long.'.repeat(40)}er.name`);
  const recorder = recorderOf(new ManualClock());
  recorder.record(object, { ...started, message: 'ü'.repeat(3_000) });
  await recorder.flush();
  const [event] = await eventsOf(object);
  expect(String(event?.['note'])).toMatch(/^ü{500}\.\.\.$/);
});

test('what cannot be written is given up, and the rest is written', async () => {
  const client = new EventsDouble();
  const recorder = recorderOf(new ManualClock(), { client });
  client.refuses = new ApiError('no', { status: 403, reason: 'Forbidden' });
  recorder.record(lease('n', 'a'), started);
  await recorder.flush();
  client.refuses = undefined;
  recorder.record(lease('n', 'b'), { ...started, message: 'second' });
  await recorder.flush();
  expect(client.written).toEqual(['create second']);
});

test('only so many events wait, and later ones are dropped', async () => {
  const client = new EventsDouble();
  const gate = Promise.withResolvers<void>();
  client.hold = gate.promise;
  const recorder = recorderOf(new ManualClock(), { client, limit: 3 });
  for (let index = 0; index < 10; index++) recorder.record(lease('n', 'a'), { ...started, message: `event ${index}` });
  gate.resolve();
  await recorder.flush();
  // One was under way, and three waited.
  expect(client.written).toEqual([0, 1, 2, 3].map((index) => `create event ${index}`));
});

test('equal events of different objects are no series', async () => {
  const client = new EventsDouble();
  const recorder = recorderOf(new ManualClock(), { client });
  recorder.record(lease('n', 'a'), started);
  recorder.record(lease('n', 'b'), started);
  await recorder.flush();
  expect(client.written).toEqual(['create it runs', 'create it runs']);
});
