import { createServer, type Socket } from 'node:net';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { ServerCommand } from '@grm/controller-runtime/testing';
import type { NodeServer } from '../cluster-facts.ts';
import { type ControlAnswer, ControlRequest } from './control.ts';
import { SupervisedServer } from './supervised-server.ts';

/** What the supervisor is given as its one argument: a JSON file. */
export interface SupervisorPlan {
  /** Unix socket on which it is told what to do. */
  readonly control: string;
  readonly commands: Readonly<Record<NodeServer, ServerCommand>>;
}

/** Keeps the node's servers running. It starts none by itself: whoever brings the cluster up knows the order. */
function supervise(plan: SupervisorPlan): void {
  const servers = new Map<string, SupervisedServer>(Object.entries(plan.commands).map(([name, command]) => [name, new SupervisedServer(command)]));
  const obey = (request: ControlRequest): void => {
    if (request.kind === 'status') return;
    const server = servers.get(request.server);
    if (server === undefined) throw new Error(`no server "${request.server}" was planned`);
    if (request.kind === 'start') server.start();
    else server.kill();
  };
  const answer = async (connection: Socket): Promise<ControlAnswer> => {
    try {
      obey(ControlRequest.parse(JSON.parse(await text(connection))));
      return { servers: Object.fromEntries([...servers].map(([name, { pid, starts }]) => [name, { pid, starts }])) };
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  };
  const listener = createServer({ allowHalfOpen: true }, (connection) => {
    connection.on('error', () => undefined);
    void answer(connection).then((said) => connection.end(JSON.stringify(said)));
  });
  listener.listen(plan.control);
  process.once('SIGTERM', () => void Promise.all([...servers.values()].map((server) => server.stop())).then(() => process.exit(0)));
}

const file = process.argv[2];
if (file === undefined) throw new Error('Usage: node supervisor.js PLAN.json');
const plan = JSON.parse(readFileSync(file, 'utf8')) as SupervisorPlan;
supervise(plan);
