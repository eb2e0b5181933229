/**
 * HTTP status of an answer of the API server that was an error; undefined for any other error. By its shape, so that it holds across copies of
 * the client's package.
 */
export function apiStatusOf(error: unknown): number | undefined {
  return error instanceof Error && error.name === 'ApiError' && 'status' in error && typeof error.status === 'number' ? error.status : undefined;
}

export const isGone = (error: unknown): boolean => apiStatusOf(error) === 404;

/** The API server understood, and will not do it however often it is asked: a quota, a policy, a field that is wrong. */
export function isRefusal(error: unknown): boolean {
  const status = apiStatusOf(error);
  return status !== undefined && status >= 400 && status < 500 && ![404, 408, 409, 429].includes(status);
}
