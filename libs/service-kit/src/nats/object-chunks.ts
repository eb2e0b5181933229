import type { ObjectResult } from '@nats-io/obj';

/** An object of which no byte comes for so long is not coming at all: it was deleted while it was read, or the server is away, ms. */
const stallMs = 10_000;

/**
 * The bytes of an object as they come. Once the last has come, their digest has been checked against what the store says.
 * @throws Error when they stall, or are not those that were put there; the signal's reason
 */
export async function* objectChunks({ info, data, error }: ObjectResult, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  // Told by the reader too.
  error.catch(() => {});
  const reader = data.getReader();
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await soon(reader.read(), signal);
      if (done) break;
      length += value.length;
      yield value;
    }
    if (length !== info.size) throw new Error(`${length} of ${info.size} bytes came`);
  } finally {
    await reader.cancel().catch(() => {});
  }
}

async function soon<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise: failed, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no byte came for ${stallMs} ms`)), stallMs);
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, failed]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}
