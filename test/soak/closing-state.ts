import { headerNames, type ServiceSubjects } from '@grm/protocol';
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { waitUntil } from '@grm/controller-runtime/testing';
import type { Closing, DeadLetter } from './history.ts';

const { dead } = headerNames;
/** What tells where a dead letter came from, and why. */
const origin = [dead.reason, dead.subject, dead.stream, dead.consumer, dead.sequence, dead.time];
/** Tasks whose request has ended are dropped by the next worker that comes to them. */
const emptyWithinMs = 30_000;

/** What is left in a service's streams once its queue has had the time to run empty. */
export async function closingState(connection: NatsConnection, { work, dead: letters }: ServiceSubjects): Promise<Closing> {
  const manager = await jetstreamManager(connection);
  const tasks = async (): Promise<number> => (await manager.streams.info(work.stream)).state.messages;
  // What stays is the checker's to say.
  await waitUntil(async () => (await tasks()) === 0, { what: `an empty ${work.stream}`, withinMs: emptyWithinMs }).catch(() => undefined);
  return { queues: [{ name: work.stream, tasks: await tasks() }], deadLetters: await deadLetters(manager, letters.stream) };
}

async function deadLetters(manager: JetStreamManager, stream: string): Promise<DeadLetter[]> {
  const { state } = await manager.streams.info(stream);
  const found: DeadLetter[] = [];
  for (let sequence = state.first_seq; state.messages > 0 && sequence <= state.last_seq; sequence++) {
    const letter = await manager.streams.getMessage(stream, { seq: sequence });
    if (letter === null) continue;
    found.push({ sequence, missing: origin.filter((name) => !letter.header.has(name)), reason: letter.header.get(dead.reason) });
  }
  return found;
}
