import { GrmError } from './grm-error.ts';

/** What names one inference service on NATS; both are Kubernetes names (RFC 1123 labels). */
export interface ServiceAddress {
  readonly namespace: string;
  readonly service: string;
  /** The revision of its model, where it has revisions: a queue each. */
  readonly revision?: string;
}

const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Every subject, stream, consumer and queue group of one service.
 * @throws GrmError `invalid-request` when a name is no RFC 1123 label, so that no wildcard or dot reaches a subject.
 */
export function subjects(address: ServiceAddress): ServiceSubjects {
  const revision = address.revision === undefined ? undefined : checkName(address.revision, 'revision');
  return spellSubjects(checkName(address.namespace, 'namespace'), checkName(address.service, 'service'), revision);
}

/** KV bucket and key of one training run's progress. */
export function runProgress(address: { readonly namespace: string; readonly run: string }): { bucket: string; key: string } {
  return spellRunProgress(checkName(address.namespace, 'namespace'), checkName(address.run, 'run'));
}

/** Subjects of one training run. @throws GrmError `invalid-request` as `subjects` does */
export function runSubjects(address: { readonly namespace: string; readonly run: string }): RunSubjects {
  return spellRunSubjects(checkName(address.namespace, 'namespace'), checkName(address.run, 'run'));
}

/** A Kubernetes name, or an error that says which one is wrong. */
export function checkName(name: string, what: string): string {
  if (label.test(name)) return name;
  throw new GrmError(
    'invalid-request',
    `${what} ${JSON.stringify(name)} is not a valid name: use 1 to 63 of a-z, 0-9 and "-", beginning and ending with a letter or digit`,
  );
}

/** Both names as one. A dash separates them, and each may hold dashes: doubling the namespace's own keeps a-b/c and a/b-c apart. */
export function joinNames(namespace: string, name: string): string {
  return `${namespace.replaceAll('-', '--')}-${name}`;
}

export type RunSubjects = ReturnType<typeof spellRunSubjects>;
export type ServiceSubjects = ReturnType<typeof spellSubjects>;

/** The spelling itself, unchecked: also used with `{namespace}` placeholders for documents. */
export function spellSubjects(namespace: string, service: string, revision?: string) {
  const tokens = `${namespace}.${service}`;
  const name = joinNames(namespace, service);
  const work = revision === undefined ? `grm.work.${tokens}` : `grm.work.${tokens}.${revision}`;
  const consumer = (component: string) => (revision === undefined ? component : `${component}-${revision}`);
  return {
    /** Request/reply, JudgeRequest -> Verdict. */
    judge: `grm.v1.${tokens}.judge`,
    /** Request/reply, AnswerRequest -> Answer. */
    answer: `grm.v1.${tokens}.answer`,
    /** NATS micro service and the queue group of its voters. */
    microService: `grm-${service}`,
    queueGroup: 'voter',
    work: {
      stream: `GRM-WORK-${name}`,
      /** All subjects of the work stream, whatever the revision. */
      all: `grm.work.${tokens}.>`,
      /** Of this revision. */
      mine: `${work}.>`,
      sample: `${work}.sample`,
      write: `${work}.write`,
      meta: `${work}.meta`,
    },
    /** Who draws samples also writes answers: one consumer, so that a sampler's slots and its backlog are counted once. */
    consumers: { sampler: consumer('sampler'), metaRM: consumer('meta-rm') },
    /** Request/reply for this revision alone, whether it serves or not: JudgeRequest -> Verdict, AnswerRequest -> Answer. */
    revision: revision === undefined ? undefined : { judge: `grm.v1.${tokens}.revision.${revision}.judge`, answer: `grm.v1.${tokens}.revision.${revision}.answer` },
    /** Core NATS, request/reply, empty -> WorkerPresence from each worker that lives. */
    presence: `grm.presence.${tokens}`,
    /** KV bucket and key of what a gate found of this revision; `all`: the keys of every revision. */
    gate: { bucket: 'grm-gates', key: `${tokens}.${revision ?? '-'}`, all: `${tokens}.*` },
    /** Core NATS, payload Cancellation: drop what has not started, stop what has. */
    cancel: `grm.cancel.${tokens}`,
    dead: { stream: `GRM-DEAD-${name}`, subject: `grm.dead.${tokens}` },
  } as const;
}

export function spellRunProgress(namespace: string, run: string) {
  return { bucket: 'grm-runs', key: `${namespace}.${run}` } as const;
}

export function spellRunSubjects(namespace: string, run: string) {
  // Apart from `grm.v1`, where a service may have the run's name.
  const tokens = `grm.run.${namespace}.${run}`;
  return {
    /** Request/reply, Suspension -> RunProgress, once the run is suspended. */
    suspend: `${tokens}.suspend`,
  } as const;
}
