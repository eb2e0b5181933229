import { z } from 'zod';
import { Count } from './scalars.ts';

/**
 * A trainer that works writes its progress anew at least every `seconds`, whether or not anything has happened. One that has
 * missed `missedWhenLost` of them in a row may be lost; one may be late, since planning a stage can keep its thread busy.
 */
export const runHeartbeat = { seconds: 5, missedWhenLost: 3 } as const;

const runPhases = ['Pending', 'Running', 'Suspended', 'Complete', 'Failed'] as const;
/**
 * `Progressing`: a trainer works on the run. `KLWithinLimit`: the policy stays near its reference (False after a roll-back).
 * `CheckpointSaved`: the newest checkpoint was written (False: why not). `Complete`, `Failed`: how it ended.
 */
export const runConditionTypes = ['Progressing', 'KLWithinLimit', 'CheckpointSaved', 'Complete', 'Failed'] as const;
export type RunConditionType = (typeof runConditionTypes)[number];

const stageStates = ['Pending', 'Running', 'Complete', 'Failed', 'Skipped'] as const;

const Time = z.iso.datetime();
const Artifact = z.object({ uri: z.string(), digest: z.string() });

/** One stage of a training run; `metrics` holds the last value of each curve by name. */
export const StageProgress = z.object({
  name: z.string(),
  state: z.enum(stageStates),
  step: Count,
  steps: Count,
  startedAt: Time.exactOptional(),
  finishedAt: Time.exactOptional(),
  metrics: z.record(z.string(), z.number()).exactOptional(),
});
export type StageProgress = z.infer<typeof StageProgress>;

/** Something that is true, false or not known of a run, as Kubernetes' conditions are: the type is stable, reasons are words for programs. */
export const RunCondition = z.object({
  type: z.enum(runConditionTypes),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string(),
  message: z.string(),
  lastTransitionTime: Time,
});
export type RunCondition = z.infer<typeof RunCondition>;

/** Something that happened in a run and that somebody may have to know of. */
export const RunNotice = z.object({ time: Time, type: z.enum(['Normal', 'Warning']), reason: z.string(), message: z.string(), stage: z.string().exactOptional() });
export type RunNotice = z.infer<typeof RunNotice>;

/** Notices that a progress keeps: the newest. */
export const noticesKept = 20;

/** Accuracy of one way of judging on one suite, or on one of its categories. Of a suite of single responses it is the ROC-AUC. */
export const EvaluationRow = z.object({
  suite: z.string(),
  method: z.string(),
  category: z.string().exactOptional(),
  measure: z.enum(['accuracy', 'rocAuc']),
  accuracy: z.number(),
  low: z.number(),
  high: z.number(),
  items: Count,
});
export type EvaluationRow = z.infer<typeof EvaluationRow>;

/** Value of KV `grm-runs`, key `<ns>.<run>`; written with compare-and-set by the run's trainer alone. */
export const RunProgress = z.object({
  phase: z.enum(runPhases),
  message: z.string().exactOptional(),
  stages: z.array(StageProgress),
  /** The newest of the stage that is under way; gone when the stage is complete. */
  checkpoint: z
    .object({
      stage: z.string(),
      step: Count,
      time: Time.describe('When it was written'),
      uri: z.string(),
      digest: z.string(),
      verified: z.boolean().describe('Read back from where it lies, and the content has this digest: true from then on'),
    })
    .exactOptional(),
  artifacts: z
    .object({ policy: Artifact.exactOptional(), metaRM: Artifact.exactOptional(), keptJudgements: Artifact.exactOptional() })
    .exactOptional(),
  evaluation: z.array(EvaluationRow).exactOptional(),
  usage: z
    .object({
      gpuHours: z.number(),
      cpuHours: z.number().describe("Of the trainer's process, all its threads, over all its restarts; samplers of their own are not counted"),
      tokens: Count.describe('Drawn and trained on, over all restarts'),
      tokensPerSecond: z.number().exactOptional().describe('Over the last minute'),
      remainingSeconds: z.number().exactOptional().describe('Of the running stage, from the pace of its last steps. Stages to come are not in it: nobody knows their pace'),
    })
    .exactOptional(),
  conditions: z.array(RunCondition).exactOptional(),
  notices: z.array(RunNotice).max(noticesKept).exactOptional(),
  trainer: z.string().exactOptional().describe('Who wrote this: <host>/<process>/<random>, another one after each restart'),
  updatedAt: Time.describe('Written anew at least every heartbeatSeconds while a trainer works'),
  heartbeatSeconds: z.number().exactOptional(),
});
export type RunProgress = z.infer<typeof RunProgress>;
