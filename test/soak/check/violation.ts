/** A promise that was not kept. */
export interface Violation {
  /** Which promise: `answered-once`. */
  readonly rule: string;
  /** Id of the request, where it is about one. */
  readonly request?: string;
  readonly message: string;
}
