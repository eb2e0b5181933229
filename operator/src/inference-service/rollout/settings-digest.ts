import { createHash } from 'node:crypto';
import type { RolloutSpec } from '@grm/resources';

/** Of what decides whether a revision that was given up gets another try. */
export const settingsDigest = (rollout: RolloutSpec): string => createHash('sha256').update(JSON.stringify(rollout)).digest('hex').slice(0, 16);
