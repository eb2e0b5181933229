import { GrmError } from '@grm/protocol';

/** A field of a request that this service does not take. `request` names the payload: `JudgeRequest`. */
export function invalidField(request: string, path: string, message: string): GrmError {
  return new GrmError('invalid-request', `${request} is not valid: ${path}: ${message}`, { issues: [{ path, message }] });
}
