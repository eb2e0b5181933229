/** One cause of a refusal (meta/v1 StatusCause): which field, and why. */
export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

interface Status {
  readonly reason?: string;
  readonly message?: string;
  readonly details?: { readonly causes?: readonly StatusCause[]; readonly retryAfterSeconds?: number };
}

/** The API server refused a request, or (status 0) did not answer it. */
export class ApiError extends Error {
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** Kubernetes' word for it, such as `NotFound` or `Conflict`; `Timeout` or `Unreachable` when there was no answer. */
  readonly reason: string;
  readonly causes: readonly StatusCause[];
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, options: { status: number; reason: string; causes?: readonly StatusCause[]; retryAfterSeconds?: number | undefined; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = 'ApiError';
    this.status = options.status;
    this.reason = options.reason;
    this.causes = options.causes ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** What a failed answer says; its body is a `Status` or, from a proxy on the way, anything. */
export function apiErrorOf(what: string, status: number, body: string, retryAfter?: string): ApiError {
  const said = statusIn(body);
  const seconds = Number(retryAfter ?? said?.details?.retryAfterSeconds);
  return new ApiError(`${what}: ${said?.message ?? (body.slice(0, 200) || `HTTP ${status}`)}`, {
    status,
    reason: said?.reason ?? `HTTP${status}`,
    causes: said?.details?.causes ?? [],
    retryAfterSeconds: Number.isFinite(seconds) ? seconds : undefined,
  });
}

function statusIn(body: string): Status | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Status' ? (value as Status) : undefined;
  } catch {
    return undefined;
  }
}

const hasStatus = (status: number, reason?: string) => (error: unknown): error is ApiError => error instanceof ApiError && error.status === status && (reason === undefined || error.reason === reason);

export const isNotFound = hasStatus(404);
/** Another writer came first, or owns a field that was applied. */
export const isConflict = hasStatus(409, 'Conflict');
export const isAlreadyExists = hasStatus(409, 'AlreadyExists');
/** The resource version is older than what the server keeps: list anew. */
export const isGone = hasStatus(410);
export const isInvalid = hasStatus(422);
export const isForbidden = hasStatus(403);
export const isTooManyRequests = hasStatus(429);
/** No answer came. */
export const isUnreachable = hasStatus(0);
