import { createHash } from 'node:crypto';
import type { ServiceEngine } from '@grm/resources';
import type { ResolvedModel } from './resolved-model.ts';

/** What can change a verdict's model. Replicas, places and limits can not. */
export interface RevisionInputs {
  readonly policy: ResolvedModel;
  readonly policyEngine: ServiceEngine;
  readonly metaRM?: ResolvedModel;
  readonly metaRMEngine?: ServiceEngine;
  readonly template: string;
}

/** Changed only with the meaning of the inputs: services would be rolled out anew by it. */
const VERSION = 1;

/** `r` and eight characters of [a-z0-9]: a token of subjects, names and labels. Equal inputs give equal names, on every operator. */
export function nameRevision({ policy, policyEngine, metaRM, metaRMEngine, template }: RevisionInputs): string {
  const scorer = metaRM === undefined ? undefined : metaRMEngine;
  const servers = [policyEngine, scorer].map((engine) => (engine === undefined ? null : serverOf(engine)));
  const content = JSON.stringify([
    ...[VERSION, policy.uri, policy.digest ?? '', weightsOf(policyEngine), metaRM?.uri ?? '', metaRM?.digest ?? '', weightsOf(scorer), template],
    // Only where there is one: services without keep their names.
    ...(servers.some((server) => server !== null) ? [servers] : []),
  ]);
  const digest = createHash('sha256').update(content).digest();
  return `r${digest.readBigUInt64BE().toString(36).padStart(13, '0').slice(-8)}`;
}

const weightsOf = (engine: ServiceEngine | undefined): string => (engine !== undefined && 'embedded' in engine ? engine.embedded.weights : '');

/** Which server answers, and how it was started: another image, flag or address may well give other verdicts. How it is asked does not. */
function serverOf(engine: ServiceEngine): unknown {
  if (!('openAI' in engine)) return null;
  const { dialect, servedModelName = '' } = engine.openAI;
  if ('url' in engine.openAI) return [dialect, servedModelName, engine.openAI.url];
  const { image, command = [], args, environment } = engine.openAI.server;
  return [dialect, servedModelName, image, command, args, environment];
}
