import { z } from 'zod';

const identity = z.object({ pid: z.number().int().positive(), started: z.string() });

export const processStates = ['starting', 'ready', 'unready', 'backing-off', 'stopping', 'stopped', 'succeeded', 'suspended', 'failed'] as const;
export type ProcessState = (typeof processStates)[number];

/** One supervised process as others see it. */
export const processStatus = z.object({
  name: z.string(),
  owner: z.string(),
  state: z.enum(processStates),
  /** Absent while it does not run. */
  identity: z.exactOptional(identity),
  httpPort: z.exactOptional(z.number()),
  graceMs: z.number(),
  /** Since it is supervised, whatever ended it. */
  restarts: z.number(),
  /** Starts in a row that have failed: it ended without having been ready. */
  failedStarts: z.number().default(0),
  /** ISO 8601, of the present start. */
  startedAt: z.exactOptional(z.string()),
  /** Why it is not running or not ready. */
  message: z.exactOptional(z.string()),
  log: z.string(),
});
export type ProcessStatus = z.output<typeof processStatus>;

export const resourcePhases = ['Waiting', 'Training', 'Suspended', 'Complete', 'Starting', 'Ready', 'Failed'] as const;

export const resourceStatus = z.object({
  key: z.string(),
  kind: z.enum(['GRMTrainingRun', 'GRMInferenceService']),
  namespace: z.string(),
  name: z.string(),
  phase: z.enum(resourcePhases),
  /** Key of the suspended run that it waits for: nothing happens until that is applied again. */
  heldBy: z.exactOptional(z.string()),
  message: z.exactOptional(z.string()),
});
export type ResourceStatus = z.output<typeof resourceStatus>;

/** `state.json`: what the supervisor of a folder runs. */
export const localState = z.object({
  version: z.literal(1),
  /** Generation of `desired.json` that this answers. */
  generation: z.number(),
  nats: z.object({ url: z.string(), managed: z.boolean() }),
  resources: z.array(resourceStatus),
  processes: z.array(processStatus),
});
export type LocalState = z.output<typeof localState>;

/** `supervisor.json`: the process that owns the folder. */
export const supervisorLock = identity;
