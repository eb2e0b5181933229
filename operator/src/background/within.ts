/**
 * What a promise comes to, if it does so in time (ms). What it does afterwards is nobody's business any more.
 * @throws Error that names `what` when it does not
 */
export async function within<T>(milliseconds: number, promise: Promise<T>, what: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${what} was not done within ${milliseconds} ms`)), milliseconds);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
