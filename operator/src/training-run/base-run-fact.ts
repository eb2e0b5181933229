import { artifactPath } from '../site/artifact-path.ts';
import type { BaseRunFact } from './run-facts.ts';
import type { ReadStore } from './run-stores.ts';
import type { TrainingRunObject } from './training-run-object.ts';

/** How the run that another one starts from stands. */
export function baseRunFact(name: string | undefined, namespace: string, runs: ReadStore<TrainingRunObject>): BaseRunFact {
  if (name === undefined) return { kind: 'none' };
  const base = runs.get({ namespace, name });
  if (base === undefined) return { kind: 'missing', name };
  const { conditions = [], phase = 'Pending', artifacts } = base.status ?? {};
  const isTrue = (type: string) => conditions.find((condition) => condition.type === type && condition.status === 'True');
  const failed = isTrue('Failed');
  if (failed !== undefined) return { kind: 'failed', name, message: failed.message };
  if (isTrue('Complete') === undefined) return { kind: 'waiting', name, phase };
  // It says where its policy is a moment before it ends, or when NATS is back.
  if (artifacts === undefined) return { kind: 'waiting', name, phase: 'Complete, and has not said yet where its policy is' };
  const { policy } = artifacts;
  if (policy === undefined) return { kind: 'failed', name, message: 'it is complete and has trained none' };
  // A claim may be mounted by one node at a time, and goes with its run.
  if (!policy.uri.startsWith('nats://')) return { kind: 'failed', name, message: `it lies in its own volume (${policy.uri}); let that run publish to an object store (spec.artifacts.to)` };
  return { kind: 'ready', name, policy: artifactPath(policy) };
}
