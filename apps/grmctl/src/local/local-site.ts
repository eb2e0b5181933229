import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Reference, Site } from '@grm/workloads';
import type { LocalFolder } from './local-folder.ts';

export interface LocalSiteOptions {
  readonly folder: LocalFolder;
  /** Folder that holds `models/`. */
  readonly programs: string;
  /** Where relative paths of the manifest start. */
  readonly manifestFolder: string;
  readonly natsUrl: string;
  readonly logLevel: string;
  readonly telemetryEndpoint?: string;
}

/** A manifest points at a model or file that is not on this machine. */
export class ReferenceNotFoundError extends Error {
  readonly reference: Reference;

  constructor(reference: Reference, message: string) {
    super(message);
    this.name = 'ReferenceNotFoundError';
    this.reference = reference;
  }
}

/** This machine as a place to run workloads: every reference is a path of the file system, nothing is mounted. */
export function localSite(options: LocalSiteOptions): Site {
  return {
    image: 'local',
    natsUrl: options.natsUrl,
    logLevel: options.logLevel,
    ...(options.telemetryEndpoint === undefined ? {} : { telemetryEndpoint: options.telemetryEndpoint }),
    resolve: (reference) => {
      const path = pathOf(reference, options);
      // What is fetched or made by the process itself need not be there.
      const later = reference.kind === 'object' || (reference.kind === 'volume' && reference.written === true);
      if (!later && !existsSync(path)) throw new ReferenceNotFoundError(reference, `${path} does not exist: ${adviceOn(reference, options)}`);
      return { path };
    },
    runFolder: (run) => ({ path: options.folder.runFolder(run) }),
  };
}

function pathOf(reference: Reference, { folder, programs, manifestFolder }: LocalSiteOptions): string {
  switch (reference.kind) {
    case 'builtin':
      return join(programs, 'models', reference.name);
    case 'volume':
      return resolve(manifestFolder, reference.path);
    case 'artifact':
      return join(folder.runFolder(reference.run), 'artifacts', reference.artifact);
    case 'object':
      return `nats://${reference.bucket}/${reference.key}`;
  }
}

function adviceOn(reference: Reference, { programs, manifestFolder }: LocalSiteOptions): string {
  switch (reference.kind) {
    case 'builtin': {
      const models = join(programs, 'models');
      const known = existsSync(models) ? readdirSync(models) : [];
      return `there is no builtin model ${reference.name}; ${known.length === 0 ? 'train the builtin models with `make models`' : `there are ${known.join(', ')}`}`;
    }
    case 'volume':
      return `volume.path ${reference.path} is taken from the manifest's folder ${manifestFolder}`;
    case 'artifact':
      return `GRMTrainingRun ${reference.run.name} has left no ${reference.artifact}; apply a run of that name with the stage that makes it`;
    case 'object':
      return `there is no object ${reference.key} in the bucket ${reference.bucket}`;
  }
}
