import { createConnection } from 'node:net';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { nodeServers } from '../cluster-facts.ts';

const server = z.enum(nodeServers);

/** What the supervisor is told, one JSON document a connection. */
export const ControlRequest = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('status') }),
  /** Start a server that has not run yet. */
  z.object({ kind: z.literal('start'), server }),
  /** SIGKILL; it is started again. */
  z.object({ kind: z.literal('kill'), server }),
]);
export type ControlRequest = z.infer<typeof ControlRequest>;

export const ControlAnswer = z.union([
  z.object({ error: z.string() }),
  z.object({
    /** Process ids are those of the node's own namespace; absent: it does not run. */
    servers: z.partialRecord(server, z.object({ pid: z.number().optional(), starts: z.number() })),
  }),
]);
export type ControlAnswer = z.infer<typeof ControlAnswer>;
export type ServerStates = Extract<ControlAnswer, { servers: unknown }>['servers'];

/** Longest that the supervisor may take, ms. */
const deadlineMs = 15_000;

/** Tells a node's supervisor something. @throws Error with what it says, or when it does not answer */
export async function tellSupervisor(socket: string, request: ControlRequest): Promise<ServerStates> {
  const connection = createConnection(socket);
  connection.setTimeout(deadlineMs, () => connection.destroy(new Error(`The node's supervisor did not answer within ${deadlineMs / 1000} s (${socket})`)));
  connection.end(JSON.stringify(request));
  const answer = ControlAnswer.parse(JSON.parse(await text(connection)));
  if ('error' in answer) throw new Error(`The node's supervisor: ${answer.error}`);
  return answer.servers;
}
