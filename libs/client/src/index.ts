export type { Answer, AnswerRequest, JudgeRequest, Verdict } from '@grm/protocol';
export { connectJudge, type ConnectOptions } from './connect-judge.ts';
export { CredentialsError } from '@grm/protocol';
export type { JudgeClient, JudgeOptions } from './judge-client.ts';
export {
  ClientClosedError,
  DeadlineExceededError,
  InternalServiceError,
  InvalidRequestError,
  ModelUnavailableError,
  NotPermittedError,
  NoValidSampleError,
  OverloadedError,
  RequestTooLargeError,
  ServiceNotFoundError,
} from './judge-errors.ts';
