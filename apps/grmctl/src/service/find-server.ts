import { resolve } from 'node:path';
import { readJsonFile } from '../files/json-file.ts';
import { localFolder } from '../local/local-folder.ts';
import { localState } from '../local/local-state.ts';
import { runningSupervisor } from '../local/supervisor-lock.ts';
import type { Terminal } from '../terminal/terminal.ts';

export interface ServerOptions {
  readonly server?: string;
  readonly folder: string;
}

const DEFAULT_SERVER = 'nats://127.0.0.1:4222';

/** The NATS server to use: the one given, else $GRM_NATS_URL, else what `grmctl local` runs, else this machine's default port. */
export async function findServer({ server, folder }: ServerOptions, terminal: Terminal): Promise<string> {
  const told = server ?? terminal.environment['GRM_NATS_URL'];
  if (told !== undefined && told !== '') return told;
  return (await running(folder, terminal))?.nats.url ?? DEFAULT_SERVER;
}

/** What `grmctl local` runs here; undefined where it does not run. */
export async function running(folder: string, terminal: Terminal) {
  const layout = localFolder(resolve(terminal.folder, folder));
  return (await runningSupervisor(layout)) === undefined ? undefined : readJsonFile(layout.state, localState);
}
