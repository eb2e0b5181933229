/** Judgements were asked of a policy that is not the newest any more. */
export class StalePolicyError extends Error {
  override readonly name = 'StalePolicyError';
  /** Revisions. */
  readonly asked: string;
  readonly newest: string;

  constructor(asked: string, newest: string, why: string) {
    super(`judgements by policy ${asked} are stale: ${newest} has been announced since, ${why}`);
    this.asked = asked;
    this.newest = newest;
  }
}
