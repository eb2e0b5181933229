import { z } from 'zod';
import { listed } from '../kubernetes-schema.ts';
import { conditions, lastFailure, time } from './condition.ts';

const count = z.number().int().min(0);
const name = z.string().max(253);
const artifact = (what: string) => z.exactOptional(z.object({ uri: z.string().max(2048).describe('Where it lies.'), digest: z.string().max(256).describe('SHA-256 of its content.') })).describe(what);

const stage = z.object({
  name: name.describe('Stage.'),
  state: z.enum(['Pending', 'Running', 'Complete', 'Failed', 'Skipped']).describe('How far it is.'),
  step: count.describe('Steps done.'),
  steps: count.describe('Steps in all.'),
  startedAt: z.exactOptional(time).describe('When it began.'),
  finishedAt: z.exactOptional(time).describe('When it ended.'),
  metrics: z.exactOptional(z.record(z.string(), z.number())).describe('The last value of each curve.'),
});

const evaluationRow = z.object({
  suite: name.describe('Suite.'),
  method: name.describe('greedy, vote@k, meta@k or filter@k.'),
  category: z.exactOptional(name).describe('Category of items; absent: all.'),
  measure: z.enum(['accuracy', 'rocAuc']).describe('What was measured.'),
  accuracy: z.number().describe('Its value.'),
  low: z.number().describe('Lower end of its 95 % interval.'),
  high: z.number().describe('Upper end of its 95 % interval.'),
  items: count.describe('Items judged.'),
});

export const runPhases = ['Pending', 'Queued', 'Running', 'Suspending', 'Suspended', 'Complete', 'Failed', 'Deleting'] as const;

export const grmTrainingRunStatus = z
  .object({
    observedGeneration: z.exactOptional(count).describe('Generation of the spec that this status speaks of.'),
    phase: z.exactOptional(z.enum(runPhases)).describe('For people: conditions are what programs read.'),
    conditions: z.exactOptional(conditions).describe('What is true of the run now. Each type and reason is explained in docs/operator.md.'),
    startedAt: z.exactOptional(time).describe('When its trainer first ran.'),
    finishedAt: z.exactOptional(time).describe('When it ended.'),
    image: z.exactOptional(z.string().max(1024)).describe('Image that its pods were made with.'),
    jobName: z.exactOptional(name).describe('Its Job.'),
    restarts: z.exactOptional(count).describe('Trainers that failed and were started again.'),
    stage: z.exactOptional(name).describe('The stage under way.'),
    progress: z.exactOptional(z.string().max(64)).describe('Steps of that stage, as 12/60.'),
    accuracy: z.exactOptional(z.string().max(64)).describe('The best overall row of the evaluation.'),
    stages: z.exactOptional(listed(z.array(stage).max(8), ['name'])).describe('The stages.'),
    checkpoint: z
      .exactOptional(
        z.object({
          stage: name.describe('Stage.'),
          step: count.describe('Step.'),
          time: time.describe('When it was written.'),
          uri: z.string().max(2048).describe('Where it lies.'),
          digest: z.string().max(256).describe('SHA-256 of its content.'),
          verified: z.boolean().describe('Whether it was read back and has this digest.'),
        }),
      )
      .describe('The newest durable state: a run that is stopped goes on from here.'),
    artifacts: z
      .exactOptional(z.object({ policy: artifact('The judge.'), metaRM: artifact('The meta reward model.'), keptJudgements: artifact('Judgements that rft kept.') }))
      .describe('What the run leaves. Services name the run to get it.'),
    evaluation: z.exactOptional(listed(z.array(evaluationRow).max(512), 'atomic')).describe('How good the judge is.'),
    usage: z
      .exactOptional(
        z.object({
          gpuHours: z.number().describe('Hours of whole GPUs.'),
          cpuHours: z.number().describe("Of the trainer's process, over all restarts."),
          tokens: count.describe('Drawn and trained on, over all restarts.'),
          tokensPerSecond: z.exactOptional(z.number()).describe('Over the last minute.'),
          remainingSeconds: z.exactOptional(z.number()).describe('Of the stage under way.'),
        }),
      )
      .describe('What it took.'),
    trainer: z.exactOptional(z.object({ pod: z.exactOptional(name).describe('Pod.'), lastHeartbeat: z.exactOptional(time).describe('When it last said something.') })).describe('Who trains.'),
    suspension: z
      .exactOptional(
        z.object({
          requestedAt: time.describe('When the trainer was asked.'),
          acknowledged: z.boolean().describe('Whether it answered with a saved checkpoint.'),
          checkpoint: z.exactOptional(z.string().max(2048)).describe('The checkpoint that the run goes on from.'),
        }),
      )
      .describe('A suspension asked for.'),
    lastFailure: z.exactOptional(lastFailure).describe('The newest failure of a pod; it stays when the pod is gone.'),
  })
  .describe('What the operator sees of the run.');

export type GRMTrainingRunStatus = z.output<typeof grmTrainingRunStatus>;
