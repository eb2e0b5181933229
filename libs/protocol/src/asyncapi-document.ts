import { z } from 'zod';
import { Answer } from './answer.ts';
import { AnswerRequest } from './answer-request.ts';
import { Cancellation } from './cancellation.ts';
import { ErrorBody } from './error-body.ts';
import { errorCodes } from './error-code.ts';
import { GateReport } from './gate-report.ts';
import { headerNames } from './headers.ts';
import { JudgeRequest } from './judge-request.ts';
import { MetaResult } from './meta-result.ts';
import { MetaTask } from './meta-task.ts';
import { RolloutResult } from './rollout-result.ts';
import { spellRolloutSubjects } from './rollout-subjects.ts';
import { RolloutTask } from './rollout-task.ts';
import { RunProgress } from './run-progress.ts';
import { SampleResult } from './sample-result.ts';
import { SampleTask } from './sample-task.ts';
import { SamplerPresence } from './sampler-presence.ts';
import { spellRunProgress, spellRunSubjects, spellSubjects } from './subjects.ts';
import { Suspension } from './suspension.ts';
import { Verdict } from './verdict.ts';
import { WorkerPresence } from './worker-presence.ts';
import { WriteResult } from './write-result.ts';
import { WriteTask } from './write-task.ts';

const payloads = {
  JudgeRequest,
  Verdict,
  AnswerRequest,
  Answer,
  ErrorBody,
  SampleTask,
  SampleResult,
  WriteTask,
  WriteResult,
  MetaTask,
  MetaResult,
  Cancellation,
  WorkerPresence,
  GateReport,
  RolloutTask,
  RolloutResult,
  SamplerPresence,
  RunProgress,
  Suspension,
};
type MessageName = keyof typeof payloads | 'DeadLetter';

const names = spellSubjects('{namespace}', '{service}');
const tagged = spellSubjects('{namespace}', '{service}', '{revision}');
const run = spellRunProgress('{namespace}', '{run}');
const rollout = spellRolloutSubjects('{namespace}', '{run}');
const runNames = spellRunSubjects('{namespace}', '{run}');
const parameters = {
  namespace: { description: 'Namespace of the GRMInferenceService or GRMTrainingRun' },
  service: { description: 'Name of the GRMInferenceService' },
  revision: { description: "Revision of the service's model" },
  run: { description: 'Name of the GRMTrainingRun' },
};
const text = { type: 'string' };

/** Every subject and message of this package as an AsyncAPI 3.0 document, from the point of view of an inference service. */
export function asyncapiDocument(): Record<string, unknown> {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Generative reward model',
      version: '1.0.0',
      description: `Judging over NATS (server 2.11 or newer). Error codes:\n${errorTable()}`,
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    channels: {
      judge: channel(names.judge, ['JudgeRequest']),
      judgeReply: reply(['Verdict', 'ErrorBody']),
      answer: channel(names.answer, ['AnswerRequest']),
      answerReply: reply(['Answer', 'ErrorBody']),
      sample: channel(names.work.sample, ['SampleTask'], workQueue(tagged.work.sample, 'sampler')),
      sampleReply: reply(['SampleResult']),
      write: channel(names.work.write, ['WriteTask'], workQueue(tagged.work.write, 'sampler')),
      writeReply: reply(['WriteResult']),
      meta: channel(names.work.meta, ['MetaTask'], workQueue(tagged.work.meta, 'metaRM')),
      metaReply: reply(['MetaResult']),
      ...(tagged.revision === undefined
        ? {}
        : {
            judgeRevision: channel(tagged.revision.judge, ['JudgeRequest'], 'Answered by that revision alone, whether it serves or not'),
            judgeRevisionReply: reply(['Verdict', 'ErrorBody']),
            answerRevision: channel(tagged.revision.answer, ['AnswerRequest'], 'Answered by that revision alone, whether it serves or not'),
            answerRevisionReply: reply(['Answer', 'ErrorBody']),
          }),
      presence: { ...channel(names.presence, []), description: 'An empty message asks which samplers and meta RMs live' },
      presenceReply: reply(['WorkerPresence']),
      gateReport: channel(`$KV.${tagged.gate.bucket}.${tagged.gate.key}`, ['GateReport'], `Key ${tagged.gate.key} of the KV bucket ${tagged.gate.bucket}`),
      cancel: channel(names.cancel, ['Cancellation']),
      dead: channel(names.dead.subject, ['DeadLetter'], `Stream ${names.dead.stream}`),
      rollout: channel(
        rollout.task,
        ['RolloutTask'],
        `Work queue of a training run: stream ${rollout.stream}, consumer ${rollout.consumer}. Weights lie in the object store ${rollout.policies.bucket}`,
      ),
      rolloutReply: reply(['RolloutResult']),
      rolloutCancel: channel(rollout.cancel, ['Cancellation']),
      rolloutPresence: { ...channel(rollout.presence, []), description: 'An empty message asks which samplers live' },
      rolloutPresenceReply: reply(['SamplerPresence']),
      rolloutDead: channel(rollout.dead.subject, ['DeadLetter'], `Stream ${rollout.dead.stream}`),
      runProgress: channel(`$KV.${run.bucket}.${run.key}`, ['RunProgress'], `Key ${run.key} of the KV bucket ${run.bucket}`),
      suspendRun: channel(runNames.suspend, ['Suspension'], 'Answered by the trainer of the run'),
      suspendRunReply: reply(['RunProgress', 'ErrorBody']),
    },
    operations: {
      judge: answered('receive', 'judge', 'judgeReply', '$message.header#/replyTo', 'Judge the responses of one conversation'),
      answer: answered('receive', 'answer', 'answerReply', '$message.header#/replyTo', 'Write answers to a conversation, judge them, improve on the best'),
      judgeRevision: answered('receive', 'judgeRevision', 'judgeRevisionReply', '$message.header#/replyTo', 'As judge, for whoever measures one revision'),
      answerRevision: answered('receive', 'answerRevision', 'answerRevisionReply', '$message.header#/replyTo', 'As answer, for whoever measures one revision'),
      presentWorker: answered('receive', 'presence', 'presenceReply', '$message.header#/replyTo', 'Say that this worker lives, and how fast it is'),
      reportGate: { action: 'send', channel: reference('channels/gateReport'), summary: 'Keep what a gate found of a revision' },
      drawSamples: answered('receive', 'sample', 'sampleReply', '$message.payload#/replyTo', 'Draw judgements'),
      writeAnswers: answered('receive', 'write', 'writeReply', '$message.payload#/replyTo', 'Write answers'),
      scoreJudgements: answered('receive', 'meta', 'metaReply', '$message.payload#/replyTo', 'Say how sound judgements are'),
      cancel: { action: 'receive', channel: reference('channels/cancel'), summary: 'Drop what has not started, stop what has' },
      buryTask: { action: 'send', channel: reference('channels/dead'), summary: 'Keep a task that cannot be done' },
      drawRollouts: answered('receive', 'rollout', 'rolloutReply', '$message.payload#/replyTo', 'Draw judgements for training'),
      cancelRollouts: { action: 'receive', channel: reference('channels/rolloutCancel'), summary: 'Drop what has not started, stop what has' },
      presentSampler: answered('receive', 'rolloutPresence', 'rolloutPresenceReply', '$message.header#/replyTo', 'Say that this sampler lives'),
      buryRollout: { action: 'send', channel: reference('channels/rolloutDead'), summary: 'Keep a task that cannot be done' },
      reportProgress: { action: 'send', channel: reference('channels/runProgress'), summary: 'Compare-and-set by the trainer' },
      suspendRun: answered('receive', 'suspendRun', 'suspendRunReply', '$message.header#/replyTo', 'Save a checkpoint and end the trainer; answered when that is done'),
    },
    components: {
      messages: {
        ...Object.fromEntries(Object.entries(payloads).map(([name, schema]) => [name, message(name, schema)])),
        DeadLetter: {
          name: 'DeadLetter',
          summary: 'The payload as it came, with its origin in headers',
          headers: headersOf(Object.values(headerNames.dead)),
          payload: {},
        },
      },
    },
  };
}

/** Where tasks of a kind lie; with revisions each has a queue of its own in the one stream. */
function workQueue(subject: string, worker: 'sampler' | 'metaRM'): string {
  return `Work queue: stream ${names.work.stream}, consumer ${names.consumers[worker]}. Of a revision: subject ${subject}, consumer ${tagged.consumers[worker]}`;
}

function channel(address: string, messages: MessageName[], description?: string) {
  const used = Object.entries(parameters).filter(([name]) => address.includes(`{${name}}`));
  return { address, ...(description && { description }), parameters: Object.fromEntries(used), messages: messagesOf(messages) };
}

function reply(messages: MessageName[]) {
  return { address: null, messages: messagesOf(messages) };
}

function messagesOf(messages: MessageName[]) {
  return Object.fromEntries(messages.map((name) => [name, reference(`components/messages/${name}`)]));
}

function answered(action: 'receive' | 'send', request: string, answer: string, location: string, summary: string) {
  return { action, summary, channel: reference(`channels/${request}`), reply: { address: { location }, channel: reference(`channels/${answer}`) } };
}

function message(name: string, schema: z.ZodType) {
  const { $schema: _, ...payload } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' });
  return { name, ...headersFor(name), payload };
}

function headersFor(name: string) {
  if (name === 'ErrorBody') return { headers: headersOf([headerNames.serviceError, headerNames.serviceErrorCode]) };
  if (name.endsWith('Request')) return { headers: headersOf([headerNames.deadline, headerNames.heartbeat, headerNames.traceparent, headerNames.tracestate]) };
  if (name.endsWith('Task')) return { headers: headersOf([headerNames.messageId, headerNames.traceparent, headerNames.tracestate]) };
  return {};
}

function headersOf(headers: readonly string[]) {
  return { type: 'object', properties: Object.fromEntries(headers.map((header) => [header, text])) };
}

function reference(path: string) {
  return { $ref: `#/${path}` };
}

function errorTable(): string {
  return Object.entries(errorCodes)
    .map(([code, { status, retryable, meaning }]) => `- \`${code}\` (${status}${retryable ? ', may be sent again' : ''}): ${meaning}`)
    .join('\n');
}
