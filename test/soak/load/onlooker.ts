import { ErrorBody, headerNames, type ServiceSubjects, Verdict } from '@grm/protocol';
import { connect, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { z } from 'zod';
import type { Ground } from '../ground/ground.ts';
import type { Heard, Outcome, Span } from '../history.ts';
import type { SoakClock } from '../soak-clock.ts';
import { substanceOf } from './substance-of.ts';

/** What passed on the wire, whatever clients made of it. */
export interface Onlooker extends AsyncDisposable {
  readonly heard: readonly Heard[];
  /** Spans in which something may have passed unheard; one that lasts ends now. */
  deaf(): Span[];
  readonly connection: NatsConnection;
}

/** Reply subjects remembered: those of the newest requests. */
const rememberedSubjects = 20_000;

/** Listens to the service's requests and to every answer to them, with a user that may. */
export async function startOnlooker(ground: Ground, names: ServiceSubjects, clock: SoakClock): Promise<Onlooker> {
  const connection = await connect({ ...(await ground.administration()), maxReconnectAttempts: -1, reconnectTimeWait: 50, reconnectJitter: 0 });
  const heard: Heard[] = [];
  const requestOf = new Map<string, string>();
  const spans: Span[] = [];
  let lostAt: number | undefined;

  connection.subscribe(names.judge, {
    callback: (_, message) => {
      const asked = Asked.safeParse(jsonOf(message));
      if (!asked.success || message.reply === undefined) return;
      requestOf.set(message.reply, asked.data.id);
      const [oldest] = requestOf.keys();
      if (requestOf.size > rememberedSubjects && oldest !== undefined) requestOf.delete(oldest);
      heard.push({ kind: 'asked', at: clock.now(), request: asked.data.id });
    },
  });
  connection.subscribe(ground.inboxes, {
    callback: (_, message) => {
      const request = requestOf.get(message.subject);
      // Other inboxes, signs of life, and NATS itself, which says that nobody is there.
      if (request === undefined || message.headers?.has(headerNames.heartbeat) || message.data.length === 0) return;
      heard.push({ kind: 'answered', at: clock.now(), request, outcome: outcomeIn(message) });
    },
  });
  await connection.flush();
  void watch();
  return {
    heard,
    connection,
    deaf: () => (lostAt === undefined ? spans : [...spans, { from: lostAt, to: clock.now() }]),
    [Symbol.asyncDispose]: () => connection.close(),
  };

  async function watch(): Promise<void> {
    for await (const { type } of connection.status()) {
      if (type === 'disconnect') lostAt ??= clock.now();
      else if (type === 'reconnect' && lostAt !== undefined) {
        spans.push({ from: lostAt, to: clock.now() });
        lostAt = undefined;
      }
    }
  }
}

const Asked = z.object({ id: z.string() });

function outcomeIn(message: Msg): Outcome {
  const body = jsonOf(message);
  if (message.headers?.has(headerNames.serviceErrorCode)) {
    const error = ErrorBody.safeParse(body);
    return { kind: 'error', code: error.data?.code ?? 'unreadable', message: error.data?.message ?? message.string().slice(0, 200) };
  }
  const verdict = Verdict.safeParse(body);
  if (verdict.success) return { kind: 'verdict', substance: substanceOf(verdict.data), revision: verdict.data.model.revision };
  return { kind: 'error', code: 'unreadable', message: message.string().slice(0, 200) };
}

function jsonOf(message: Msg): unknown {
  try {
    return message.json();
  } catch {
    return undefined;
  }
}
