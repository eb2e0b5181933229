import { createHash } from 'node:crypto';
import type { ResolvedModel } from './resolved-model.ts';

/** What can change a verdict's model. Replicas, places and limits can not. */
export interface RevisionInputs {
  readonly policy: ResolvedModel;
  readonly policyWeights: string;
  readonly metaRM?: ResolvedModel;
  readonly metaRMWeights?: string;
  readonly template: string;
}

/** Changed only with the meaning of the inputs: services would be rolled out anew by it. */
const VERSION = 1;

/** `r` and eight characters of [a-z0-9]: a token of subjects, names and labels. Equal inputs give equal names, on every operator. */
export function nameRevision({ policy, policyWeights, metaRM, metaRMWeights, template }: RevisionInputs): string {
  const content = JSON.stringify([VERSION, policy.uri, policy.digest ?? '', policyWeights, metaRM?.uri ?? '', metaRM?.digest ?? '', metaRM === undefined ? '' : (metaRMWeights ?? ''), template]);
  const digest = createHash('sha256').update(content).digest();
  return `r${digest.readBigUInt64BE().toString(36).padStart(13, '0').slice(-8)}`;
}
