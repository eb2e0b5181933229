import type { RunAddress } from '../rollout-subjects.ts';
import type { ServiceAddress } from '../subjects.ts';

/** A sampler or meta RM of a service. */
export interface WorkerUser extends ServiceAddress {
  readonly role: 'sampler' | 'meta-rm';
  /** Object stores that it fetches its model from. */
  readonly modelBuckets: readonly string[];
}

export interface VoterUser extends ServiceAddress {
  readonly role: 'voter';
}

/** The program that measures a revision of a service before it is promoted. */
export interface GateUser extends ServiceAddress {
  readonly role: 'gate';
}

export interface TrainerUser extends RunAddress {
  readonly role: 'trainer';
  /** Object stores that it fetches the models from which it starts. */
  readonly modelBuckets: readonly string[];
  /** Object store that its artefacts are published to. */
  readonly artifactsBucket?: string;
  /** Object store that its checkpoints are kept in. */
  readonly checkpointsBucket?: string;
}

/** Samplers that draw for a training run. */
export interface RolloutsUser extends RunAddress {
  readonly role: 'rollouts';
}

/** A team that asks for judgements: of one service, or of every service of a namespace. */
export interface ClientUser {
  readonly role: 'client';
  readonly namespace: string;
  /** Absent: every service of the namespace. */
  readonly service?: string;
  /** The team's; a Kubernetes name (RFC 1123 label). */
  readonly name: string;
}

export interface OperatorUser {
  readonly role: 'operator';
}

/** Whoever connects to NATS, by what it does there. */
export type NatsUser = WorkerUser | VoterUser | GateUser | TrainerUser | RolloutsUser | ClientUser | OperatorUser;
export type NatsRole = NatsUser['role'];
