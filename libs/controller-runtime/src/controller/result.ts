/** How a reconcile ended. A thrown error is the third way: tried again with a growing pause. */
export type Result =
  | { readonly kind: 'done' }
  /** Look again after this time, unless something happens before. */
  | { readonly kind: 'after'; readonly seconds: number };

export const done: Result = { kind: 'done' };
/** @throws RangeError for what is no time */
export function after(seconds: number): Result {
  if (Number.isNaN(seconds)) throw new RangeError('after: the seconds to wait are not a number');
  return { kind: 'after', seconds };
}

/** A failure that another try would only repeat: counted and logged, and not tried again before something changes. */
export class TerminalError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TerminalError';
  }
}
