/**
 * A rule of kwok (kwok.x-k8s.io/v1alpha1): whatever object matches goes, after the delay, to its next state. Of several that match
 * kwok takes one at random, so those of one kind of object must exclude each other.
 */
export interface Stage {
  readonly name: string;
  readonly resource: { readonly apiGroup: string; readonly kind: string };
  readonly match: readonly Match[];
  /** jq expression of the delay: a Go duration (`250ms`) or a time. No result: at once. */
  readonly delay?: string;
  readonly next: readonly Step[];
}

/** A condition on an object: a jq expression and what it must, or must not, yield. */
export type Match =
  | { readonly key: string; readonly operator: 'In' | 'NotIn'; readonly values: readonly string[] }
  | { readonly key: string; readonly operator: 'Exists' | 'DoesNotExist' };

/** `template` is a Go template of YAML over the object. */
export type Step =
  | { readonly kind: 'status'; readonly template: string }
  /** Creates or changes another object. */
  | { readonly kind: 'apply'; readonly template: string }
  | { readonly kind: 'delete' };

/** As kwok's configuration file has it. */
export function stageDocument({ name, resource, match, delay, next }: Stage): object {
  return {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'Stage',
    metadata: { name },
    spec: {
      resourceRef: resource,
      selector: { matchExpressions: match },
      ...(delay === undefined ? {} : { delay: { durationMilliseconds: 0, durationFrom: { expressionFrom: delay } } }),
      steps: next.map(stepDocument),
    },
  };
}

function stepDocument(step: Step): object {
  switch (step.kind) {
    case 'status':
      return { patch: { root: 'status', subresource: 'status', template: step.template } };
    case 'apply':
      return { apply: { type: 'merge', template: step.template } };
    case 'delete':
      return { delete: true };
  }
}
