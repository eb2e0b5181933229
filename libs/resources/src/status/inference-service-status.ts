import { z } from 'zod';
import { listed } from '../kubernetes-schema.ts';
import { conditions, lastFailure, time } from './condition.ts';

const count = z.number().int().min(0);
const name = z.string().max(253);
const text = z.string().max(4096);

const component = z.object({
  replicas: count.describe('Replicas asked for.'),
  ready: count.describe('Replicas that answer.'),
  updated: count.describe('Replicas of the revision that serves.'),
  selector: z.exactOptional(z.string().max(1024)).describe('Label selector of its pods.'),
  samplesPerSecond: z.exactOptional(z.number()).describe('Samples a second that one busy replica draws, as measured.'),
  loadSeconds: z.exactOptional(z.number()).describe('Time that a replica takes to load its model, as measured.'),
});

export const rolloutPhases = ['Stable', 'Starting', 'Gating', 'Promoting', 'Retiring', 'RollingBack'] as const;
export const holdReasons = ['InsufficientGPU', 'Unschedulable', 'ImagePull', 'CrashLoop', 'ModelNotLoaded', 'GateRunning', 'GateFailed', 'WaitingForDrain', 'ProgressDeadlineExceeded'] as const;

const decision = z.object({
  at: time.describe('When.'),
  from: count.describe('Replicas before.'),
  to: count.describe('Replicas after.'),
  reason: name.describe('Why, as a word for programs.'),
  backlog: z.exactOptional(count).describe('Samples that waited or were being drawn.'),
});

export const grmInferenceServiceStatus = z
  .object({
    observedGeneration: z.exactOptional(count).describe('Generation of the spec that this status speaks of.'),
    conditions: z.exactOptional(conditions).describe('What is true of the service now. Each type and reason is explained in docs/operator.md.'),
    image: z.exactOptional(z.string().max(1024)).describe('Image that its pods are made with.'),
    model: z
      .exactOptional(
        z.object({
          name: name.describe('What verdicts call it.'),
          uri: z.string().max(2048).describe('Where it lies.'),
          digest: z.exactOptional(z.string().max(256)).describe('SHA-256 of its content, where it is known before it is loaded.'),
          revision: z.exactOptional(name).describe('The revision that the spec asks for.'),
        }),
      )
      .describe('The judge that the spec asks for.'),
    endpoints: z.exactOptional(z.object({ judge: z.string().max(512).describe('Subject of requests for verdicts.'), answer: z.string().max(512).describe('Subject of requests for answers.') })).describe('NATS subjects that teams send to.'),
    sampler: z.exactOptional(component).describe('Samplers.'),
    metaRM: z.exactOptional(component).describe('Meta reward models.'),
    voter: z.exactOptional(component).describe('Voters.'),
    scaling: z
      .exactOptional(
        z.object({
          backlog: z.exactOptional(count).describe('Samples that wait or are being drawn; absent: not known.'),
          samplesPerSecond: z.exactOptional(z.number()).describe('Samples a second of one busy replica.'),
          wanted: z.exactOptional(count).describe('Replicas wanted.'),
          reason: z.exactOptional(name).describe('Why, as a word for programs.'),
          message: z.exactOptional(text).describe('Why, as a sentence for people.'),
          decidedAt: z.exactOptional(time).describe('When.'),
          history: z.exactOptional(listed(z.array(decision).max(10), 'atomic')).describe('The newest changes, newest first.'),
        }),
      )
      .describe('Autoscaling.'),
    rollout: z
      .exactOptional(
        z.object({
          phase: z.enum(rolloutPhases).describe('How far it is.'),
          serving: z.exactOptional(name).describe('Revision that answers.'),
          candidate: z.exactOptional(name).describe('Revision that is to.'),
          previous: z.exactOptional(name).describe('Revision that did, and drains.'),
          startedAt: z.exactOptional(time).describe('When the candidate was made.'),
          gate: z.exactOptional(z.object({ revision: name.describe('Revision.'), state: z.enum(['Running', 'Passed', 'Failed']).describe('How it went.'), message: z.exactOptional(text).describe('What was found.') })).describe('What the gate found.'),
          hold: z
            .exactOptional(z.object({ reason: z.enum(holdReasons).describe('Why, as a word for programs.'), since: time.describe('Since when.'), message: text.describe('Why, as a sentence for people.') }))
            .describe('Why the roll-out does not move just now.'),
          failed: z
            .exactOptional(
              z.object({
                revision: name.describe('Revision.'),
                reason: z.enum(holdReasons).describe('Why, as a word for programs.'),
                message: text.describe('Why, as a sentence for people.'),
                at: time.describe('When.'),
                settings: z.string().max(128).describe("Digest of the roll-out's settings; others give it another try."),
              }),
            )
            .describe('The revision that was given up last. It is not tried again unless the roll-out settings change.'),
          history: z.exactOptional(listed(z.array(z.object({ at: time.describe('When.'), revision: name.describe('Revision.'), outcome: z.enum(['Promoted', 'RolledBack']).describe('How it ended.'), message: z.exactOptional(text).describe('More of it.') })).max(10), 'atomic')).describe('The newest roll-outs, newest first.'),
        }),
      )
      .describe('How a new model takes the place of the one that serves.'),
    lastFailure: z.exactOptional(lastFailure).describe('The newest failure of a pod; it stays when the pod is gone.'),
  })
  .describe('What the operator sees of the service.');

export type GRMInferenceServiceStatus = z.output<typeof grmInferenceServiceStatus>;
