import type { PolicyReference } from '@grm/protocol';

/** A policy's weights cannot be had from the object store, or are not what their revision says. */
export class PolicyUnavailableError extends Error {
  override readonly name = 'PolicyUnavailableError';
  readonly policy: PolicyReference;

  constructor(policy: PolicyReference, problem: string, options?: ErrorOptions) {
    super(`policy ${policy.revision} of object store ${policy.bucket}: ${problem}`, options);
    this.policy = policy;
  }
}
