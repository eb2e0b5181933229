import { readFileSync } from 'node:fs';
import { type GRMTrainingRun, parseManifests } from '@grm/resources';
import type { Architecture } from '../architecture/architecture.ts';
import { parseArchitecture } from '../architecture/parse-architecture.ts';

const project = new URL('../../../../', import.meta.url);

/** The shape in `config.json` of a folder of the project. */
export function readArchitecture(folder: string): Architecture {
  return parseArchitecture(JSON.parse(readFileSync(new URL(`${folder}/config.json`, project), 'utf8')), folder);
}

/** The training run of a manifest of the project. */
export function readRun(file: string): GRMTrainingRun {
  return runOf(readFileSync(new URL(file, project), 'utf8'));
}

/** A run from its spec. */
export const specified = (spec: object): GRMTrainingRun =>
  runOf(JSON.stringify({ apiVersion: 'grm.dev/v1alpha1', kind: 'GRMTrainingRun', metadata: { name: 'test' }, spec }));

function runOf(text: string): GRMTrainingRun {
  const [run] = parseManifests(text, 'test', 'plan');
  if (run?.kind !== 'GRMTrainingRun') throw new Error('not a training run');
  return run;
}
