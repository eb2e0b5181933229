export { CredentialsError } from './access/credentials-error.ts';
export { inboxPrefixOf } from './access/inbox-prefix.ts';
export type { ClientUser, GateUser, NatsRole, NatsUser, OperatorUser, RolloutsUser, TrainerUser, VoterUser, WorkerUser } from './access/nats-user.ts';
export { type Credentials, parseCredentials } from './access/parse-credentials.ts';
export { type NatsPermissions, permissionsOf } from './access/permissions-of.ts';
export { Answer, answerEnds, AnswerRound } from './answer.ts';
export { AnswerRequest } from './answer-request.ts';
export { Cancellation } from './cancellation.ts';
export { formatDeadline, parseDeadline } from './deadline.ts';
export { defaults } from './defaults.ts';
export { ErrorBody } from './error-body.ts';
export { type ErrorCode, errorCodes } from './error-code.ts';
export {
  DrawnJudgements,
  EvaluationDifference,
  evaluationFiles,
  EvaluationItem,
  EvaluationReport,
  EvaluationSuite,
  ScalingPoint,
  StoppingReplay,
} from './evaluation-report.ts';
export { excerpt } from './excerpt.ts';
export { GateReport } from './gate-report.ts';
export { GrmError, type Issue } from './grm-error.ts';
export { headerNames } from './headers.ts';
export { JudgeInput, Message } from './judge-input.ts';
export { JudgeRequest, metaRMRules, SamplingOptions, stoppingModes } from './judge-request.ts';
export { keyMetrics } from './key-metrics.ts';
export { limits } from './limits.ts';
export { MetaResult, MetaSuccess } from './meta-result.ts';
export { MetaTask } from './meta-task.ts';
export { artifactKey, formatModelAddress, isModelAddress, type ModelAddress, modelIndexName, modelsBucket, parseModelAddress } from './model/model-address.ts';
export { ModelIndex } from './model/model-index.ts';
export { checkPayload, parsePayload } from './parse-payload.ts';
export { PolicyReference, PolicyRevision } from './policy-reference.ts';
export { RolloutResult, RolloutSample, RolloutSuccess, StaleRollout } from './rollout-result.ts';
export { rolloutSubjects, type RolloutSubjects, type RunAddress } from './rollout-subjects.ts';
export { RolloutTask } from './rollout-task.ts';
export {
  EvaluationRow,
  noticesKept,
  RunCondition,
  type RunConditionType,
  runConditionTypes,
  runHeartbeat,
  RunNotice,
  RunProgress,
  StageProgress,
} from './run-progress.ts';
export { DrawnSample, SampleResult, SampleSuccess } from './sample-result.ts';
export { SampleTask } from './sample-task.ts';
export { SamplerPresence } from './sampler-presence.ts';
export { runProgress, type RunSubjects, runSubjects, type ServiceAddress, type ServiceSubjects, subjects } from './subjects.ts';
export { Suspension } from './suspension.ts';
export { TaskFailure } from './task-failure.ts';
export { timerDelay } from './timer-delay.ts';
export { Usage } from './usage.ts';
export { Judgement, Verdict } from './verdict.ts';
export { WorkerPresence } from './worker-presence.ts';
export { WriteResult, WriteSuccess, WrittenAnswer } from './write-result.ts';
export { WriteTask } from './write-task.ts';
