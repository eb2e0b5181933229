import { resourceKey } from '@grm/resources';
import type { AppliedResource, DesiredState } from './desired-state.ts';
import { desiredState, mergeResources } from './desired-state.ts';
import { freePort } from './free-port.ts';
import { readJsonFile, writeJsonFile } from '../files/json-file.ts';
import type { LocalFolder } from './local-folder.ts';
import { runningSupervisor } from './supervisor-lock.ts';

export interface DesireOptions {
  readonly folder: LocalFolder;
  readonly resources: readonly AppliedResource[];
  readonly programs: string;
  /** A server to use instead of one of our own. */
  readonly server?: string;
  /** Executable for a server of our own. Not called when none is needed. */
  readonly natsServer: () => Promise<string>;
  /** Port wanted for our own server; another one is taken where it is in use. */
  readonly natsPort: number;
  readonly logLevel: string;
  readonly telemetryEndpoint?: string;
  readonly retrain: boolean;
}

/** Writes down what is wanted from now on: what is given, besides what a running supervisor already keeps. */
export async function desire(options: DesireOptions): Promise<DesiredState> {
  const { folder, resources, programs, logLevel, telemetryEndpoint } = options;
  const before = await readJsonFile(folder.desired, desiredState);
  const kept = (await runningSupervisor(folder)) === undefined ? undefined : before;
  const desired: DesiredState = {
    version: 1,
    generation: (before?.generation ?? 0) + 1,
    programs,
    nats: await natsOf(options, kept),
    logLevel,
    ...(telemetryEndpoint === undefined ? {} : { telemetryEndpoint }),
    retrain: options.retrain ? resources.filter(({ resource }) => resource.kind === 'GRMTrainingRun').map(({ resource }) => resourceKey(resource)) : [],
    applied: resources.map(({ resource }) => resourceKey(resource)),
    resources: mergeResources(kept?.resources ?? [], resources),
  };
  await writeJsonFile(folder.desired, desired);
  return desired;
}

/** A server of our own that runs already goes on as it is. */
async function natsOf({ server, natsServer, natsPort }: DesireOptions, kept: DesiredState | undefined): Promise<DesiredState['nats']> {
  if (server !== undefined) return { kind: 'given', url: server };
  if (kept?.nats.kind === 'managed') return kept.nats;
  return { kind: 'managed', executable: await natsServer(), port: await freePort(natsPort) };
}
