import { rolloutSubjects, type RunAddress } from '../rollout-subjects.ts';
import { checkName, runProgress, runSubjects, type ServiceAddress, subjects } from '../subjects.ts';
import { inboxPrefixOf } from './inbox-prefix.ts';
import type { ClientUser, GateUser, NatsUser, RolloutsUser, TrainerUser, VoterUser, WorkerUser } from './nats-user.ts';
import { readsBucket, worksOn, writesBucket, writesKeys } from './store-access.ts';

/** Subjects that a user may publish and subscribe to; all others are denied. */
export interface NatsPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  /** May answer whatever it is asked, on the subject that the question names, for so long (ms). */
  readonly answersForMs?: number;
}

/** A request may take so long, ms; the server remembers where its answer goes until then. */
const answersForMs = 3_600_000;

const api = '$JS.API';

/**
 * What a user does on NATS, and no more: the one place that knows. Subjects of a service's revisions are covered by wildcards within the service, so
 * that a permission outlives a roll-out.
 * @throws GrmError `invalid-request` when a name is no RFC 1123 label, so that no wildcard or dot reaches a permission
 */
export function permissionsOf(user: NatsUser): NatsPermissions {
  const inbox = `${inboxPrefixOf(user)}.>`;
  switch (user.role) {
    case 'sampler':
    case 'meta-rm':
      return ofWorker(user, inbox);
    case 'voter':
      return ofVoter(user, inbox);
    case 'gate':
      return ofGate(user, inbox);
    case 'trainer':
      return ofTrainer(user, inbox);
    case 'rollouts':
      return ofRollouts(user, inbox);
    case 'client':
      return ofClient(user, inbox);
    case 'operator':
      return { publish: operatorPublishes, subscribe: [inbox] };
  }
}

function ofWorker(user: WorkerUser, inbox: string): NatsPermissions {
  const { work, dead, cancel, presence } = subjects(user);
  return {
    publish: [...worksOn(work.stream), dead.subject, `${inboxPrefixOf({ ...user, role: 'voter' })}.>`, ...user.modelBuckets.flatMap(readsBucket)],
    subscribe: [inbox, cancel, presence],
    answersForMs,
  };
}

function ofVoter(user: VoterUser, inbox: string): NatsPermissions {
  const { judge, answer, work, microService, cancel } = subjects(user);
  // A NATS micro service (ADR-32) is found and measured by these.
  const discovery = ['PING', 'INFO', 'STATS'].flatMap((verb) => [`$SRV.${verb}`, `$SRV.${verb}.${microService}`, `$SRV.${verb}.${microService}.*`]);
  return {
    publish: [work.all, cancel],
    subscribe: [inbox, judge, answer, revisionsOf(user, '*'), ...discovery],
    answersForMs,
  };
}

function ofGate(user: GateUser, inbox: string): NatsPermissions {
  const { judge, gate } = subjects(user);
  return { publish: [judge, revisionsOf(user, 'judge'), ...writesKeys(gate.bucket, gate.all)], subscribe: [inbox] };
}

function ofTrainer(user: TrainerUser, inbox: string): NatsPermissions {
  const { task, stream, consumer, cancel, presence, policies } = rolloutSubjects(user);
  const { bucket, key } = runProgress(user);
  const written = [policies.bucket, user.artifactsBucket, user.checkpointsBucket].filter((name) => name !== undefined);
  return {
    publish: [
      ...writesKeys(bucket, key),
      task,
      cancel,
      presence,
      `${api}.STREAM.PURGE.${stream}`,
      `${api}.STREAM.MSG.GET.${stream}`,
      `${api}.STREAM.MSG.DELETE.${stream}`,
      `${api}.CONSUMER.INFO.${stream}.${consumer}`,
      ...unique([...written.flatMap(writesBucket), ...user.modelBuckets.flatMap(readsBucket)]),
    ],
    subscribe: [inbox, runSubjects(user).suspend],
    answersForMs,
  };
}

function ofRollouts(user: RolloutsUser, inbox: string): NatsPermissions {
  const { stream, dead, cancel, presence, policies } = rolloutSubjects(user);
  return {
    publish: [...worksOn(stream), dead.subject, `${inboxOfTrainer(user)}.>`, ...readsBucket(policies.bucket)],
    subscribe: [inbox, cancel, presence],
    answersForMs,
  };
}

function ofClient(user: ClientUser, inbox: string): NatsPermissions {
  const { namespace, service } = user;
  const tokens = `grm.v1.${checkName(namespace, 'namespace')}.${service === undefined ? '*' : checkName(service, 'service')}`;
  return { publish: [`${tokens}.judge`, `${tokens}.answer`], subscribe: [inbox] };
}

/** The account's streams, consumers and buckets are the operator's; what flows through them is not: it judges nothing and draws nothing. */
const operatorPublishes: readonly string[] = [
  `${api}.INFO`,
  ...['CREATE', 'UPDATE', 'INFO', 'PURGE', 'DELETE', 'MSG.GET'].map((verb) => `${api}.STREAM.${verb}.*`),
  `${api}.STREAM.NAMES`,
  `${api}.CONSUMER.CREATE.>`,
  `${api}.CONSUMER.DURABLE.CREATE.*.*`,
  `${api}.CONSUMER.INFO.*.*`,
  `${api}.CONSUMER.DELETE.*.*`,
  `${api}.DIRECT.GET.>`,
  '$JS.FC.>',
  '$KV.grm-runs.>',
  '$KV.grm-gates.>',
  'grm.run.*.*.suspend',
  'grm.presence.*.*',
];

/** Endpoints of every revision of a service. */
function revisionsOf({ namespace, service }: ServiceAddress, endpoint: string): string {
  return `grm.v1.${namespace}.${service}.revision.*.${endpoint}`;
}

function inboxOfTrainer({ namespace, run }: RunAddress): string {
  return inboxPrefixOf({ role: 'trainer', namespace, run, modelBuckets: [] });
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
