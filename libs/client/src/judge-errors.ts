import { type ErrorCode, GrmError, type Issue } from '@grm/protocol';

interface Details {
  readonly cause?: unknown;
  readonly issues?: readonly Issue[];
}

/** The request breaks the schema or a limit; `issues` say which fields. Sending it again does not help. */
export class InvalidRequestError extends GrmError {
  override readonly name = 'InvalidRequestError';
  constructor(message: string, details: Details = {}) {
    super('invalid-request', message, details);
  }
}

/** The request is larger than the NATS server takes. */
export class RequestTooLargeError extends GrmError {
  override readonly name = 'RequestTooLargeError';
  /** Bytes of JSON. */
  readonly size: number;
  /** The server's `max_payload`, bytes. */
  readonly limit: number;
  constructor(size: number, limit: number) {
    super('invalid-request', `The request is ${size} bytes, the NATS server takes at most ${limit} (its max_payload); send shorter or fewer responses`);
    this.size = size;
    this.limit = limit;
  }
}

/** The service had as much work as it accepts until the deadline. */
export class OverloadedError extends GrmError {
  override readonly name = 'OverloadedError';
  constructor(message: string, details: Details = {}) {
    super('overloaded', message, details);
  }
}

/** No verdict came in time; the last failure is thrown instead when there was one. */
export class DeadlineExceededError extends GrmError {
  override readonly name = 'DeadlineExceededError';
  constructor(message: string, details: Details = {}) {
    super('deadline-exceeded', message, details);
  }
}

/** The judge wrote nothing that can be read as scores; more samples or another seed may help. */
export class NoValidSampleError extends GrmError {
  override readonly name = 'NoValidSampleError';
  constructor(message: string, details: Details = {}) {
    super('no-valid-sample', message, details);
  }
}

/** The service runs, but its engine or queue could not take the request until the deadline. */
export class ModelUnavailableError extends GrmError {
  override readonly name: string = 'ModelUnavailableError';
  constructor(message: string, details: Details = {}) {
    super('model-unavailable', message, details);
  }
}

/** Nobody listens under the service's subject: a wrong name, or a service that is not running. */
export class ServiceNotFoundError extends ModelUnavailableError {
  override readonly name = 'ServiceNotFoundError';
  readonly subject: string;
  constructor(subject: string) {
    super(`Nobody answers on ${subject}; check the namespace and the name of the service, and that its voters run`);
    this.subject = subject;
  }
}

/** The NATS user of the connection may not ask this service, or may not hear its answers. */
export class NotPermittedError extends ModelUnavailableError {
  override readonly name = 'NotPermittedError';
  readonly subject: string;
  constructor(subject: string, details: Details = {}) {
    super(`The NATS user may not use ${subject}; check the namespace and the name of the service, or have whoever runs it issue credentials for it`, details);
    this.subject = subject;
  }
}

/** A fault of the service; its log has the cause. */
export class InternalServiceError extends GrmError {
  override readonly name = 'InternalServiceError';
  constructor(message: string, details: Details = {}) {
    super('internal', message, details);
  }
}

/** The client was closed while a request waited. */
export class ClientClosedError extends Error {
  override readonly name = 'ClientClosedError';
  constructor() {
    super('The judge client was closed');
  }
}

const classes = {
  'invalid-request': InvalidRequestError,
  overloaded: OverloadedError,
  'deadline-exceeded': DeadlineExceededError,
  'no-valid-sample': NoValidSampleError,
  'model-unavailable': ModelUnavailableError,
  internal: InternalServiceError,
} as const satisfies Record<ErrorCode, new (message: string, details?: Details) => GrmError>;

/** The class of an error's code, so that callers can tell failures apart with `instanceof`. */
export function typedError(error: GrmError): GrmError {
  return new classes[error.code](error.message, { issues: error.issues, cause: error.cause });
}
