interface ErrorCodeEntry {
  /** Number in the `Nats-Service-Error-Code` header; HTTP's numbers, so that a gateway needs no second table. */
  readonly status: number;
  /** Whether the same request, sent again with the same id, may succeed. */
  readonly retryable: boolean;
  readonly meaning: string;
}

/** Every error that crosses the wire, once. */
export const errorCodes = {
  'invalid-request': { status: 400, retryable: false, meaning: 'The request breaks the schema or a limit of the service.' },
  overloaded: { status: 429, retryable: true, meaning: 'The service has as much work as it accepts; send again later.' },
  'deadline-exceeded': { status: 504, retryable: false, meaning: 'The deadline passed before an answer could be given.' },
  'no-valid-sample': { status: 422, retryable: false, meaning: 'Nothing that the model wrote could be used: no judgement could be read as scores, or no answer has any text.' },
  'model-unavailable': { status: 503, retryable: true, meaning: 'No engine or queue can take the work right now.' },
  internal: { status: 500, retryable: false, meaning: 'A fault of the service.' },
} as const satisfies Record<string, ErrorCodeEntry>;

export type ErrorCode = keyof typeof errorCodes;

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorCodes, value);
}
