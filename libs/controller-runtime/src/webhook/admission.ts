/** admission.k8s.io/v1: what the API server asks. */
export interface AdmissionRequest {
  readonly uid: string;
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly namespace?: string;
  readonly name?: string;
  readonly object: unknown;
  readonly oldObject: unknown;
}

export type AdmissionAnswer = { readonly allowed: true; readonly warnings?: readonly string[] } | { readonly allowed: false; readonly message: string; readonly code?: number };

export type AdmissionHandler = (request: AdmissionRequest, signal: AbortSignal) => AdmissionAnswer | Promise<AdmissionAnswer>;

/** @throws Error when the text is no AdmissionReview of version v1 */
export function admissionRequestOf(text: string): AdmissionRequest {
  const review: unknown = JSON.parse(text);
  if (typeof review !== 'object' || review === null || !('apiVersion' in review) || review.apiVersion !== 'admission.k8s.io/v1' || !('request' in review)) throw new Error('expected an AdmissionReview of admission.k8s.io/v1');
  const { request } = review;
  if (typeof request !== 'object' || request === null || !('uid' in request) || typeof request.uid !== 'string' || !('operation' in request)) throw new Error('the AdmissionReview has no request with uid and operation');
  return { object: undefined, oldObject: undefined, ...request } as AdmissionRequest;
}

export function admissionReviewOf(uid: string, answer: AdmissionAnswer): unknown {
  const response = answer.allowed
    ? { uid, allowed: true, ...(answer.warnings === undefined ? {} : { warnings: answer.warnings }) }
    : { uid, allowed: false, status: { code: answer.code ?? 422, reason: 'Invalid', message: answer.message } };
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
}
