import { ApiError } from '@grm/controller-runtime';

/** Answers that another try may change: nothing there yet, too late, another writer, too many. */
const passing: ReadonlySet<number> = new Set([404, 408, 409, 429]);

/** The API server understood, and will not do it however often it is asked: a quota, a policy, a field that is wrong. */
export function isRefusal(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status >= 400 && error.status < 500 && !passing.has(error.status);
}
