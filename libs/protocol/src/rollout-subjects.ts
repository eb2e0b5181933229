import { checkName, joinNames } from './subjects.ts';

/** What names one training run on NATS; both are Kubernetes names (RFC 1123 labels). */
export interface RunAddress {
  readonly namespace: string;
  readonly run: string;
}

/**
 * Every subject, stream, consumer and bucket with which the samplers of one run draw for its trainer. None is that of a service of the same name.
 * @throws GrmError `invalid-request` when a name is no RFC 1123 label.
 */
export function rolloutSubjects(address: RunAddress): RolloutSubjects {
  return spellRolloutSubjects(checkName(address.namespace, 'namespace'), checkName(address.run, 'run'));
}

export type RolloutSubjects = ReturnType<typeof spellRolloutSubjects>;

/** The spelling itself, unchecked: also used with `{namespace}` placeholders for documents. */
export function spellRolloutSubjects(namespace: string, run: string) {
  const tokens = `${namespace}.${run}`;
  const name = joinNames(namespace, run);
  return {
    /** Work queue, RolloutTask. */
    task: `grm.rollout.${tokens}.task`,
    stream: `GRM-ROLLOUT-${name}`,
    consumer: 'sampler',
    /** Core NATS, payload Cancellation: drop what has not started, stop what has. */
    cancel: `grm.rollout.${tokens}.cancel`,
    /** Core NATS, request/reply, empty -> SamplerPresence from each sampler that lives. */
    presence: `grm.rollout.${tokens}.presence`,
    /** Names of namespaces are lower-case, so no run's work stream is called so. */
    dead: { stream: `GRM-ROLLOUT-DEAD-${name}`, subject: `grm.rollout.${tokens}.dead` },
    policies: {
      /** Object store. A policy's weights lie there under the hex digits of their revision. */
      bucket: `grm-policy-${name}`,
      /** An empty object whose metadata `revision` names the policy that draws now. */
      newest: 'newest',
    },
  } as const;
}
