import type { ConnectOptions } from '@grm/client';
import type { ServiceAddress } from '@grm/protocol';
import type { NodeConnectionOptions } from '@nats-io/transport-node';

export const components = ['sampler', 'meta-rm', 'voter', 'nats'] as const;
export type Component = (typeof components)[number];

/** One running process of what is soaked. */
export interface Member {
  /** `soak-sampler-0`, or the pod's name. */
  readonly name: string;
  readonly component: Component;
  /** Another one after each start. */
  readonly incarnation: string;
}

/** What faults act on: one inference service that runs somewhere. Closing it ends what it started, and nothing else. */
export interface Ground extends AsyncDisposable {
  readonly kind: 'local' | 'cluster';
  readonly address: ServiceAddress;
  /** Tasks that the service's queue holds. */
  readonly maxPending: number;
  /** What a team is given to ask the service from outside. */
  team(): Promise<ConnectOptions>;
  /** Connects a user that hears all of the service and may look at its queues. */
  administration(): Promise<NodeConnectionOptions>;
  /** Subjects that clients are answered on, with wildcards. */
  readonly inboxes: string;
  /** Those of a component that run now. */
  members(component: Component): Promise<readonly Member[]>;
  /** Signals the process of a member. Does nothing when that incarnation is gone. */
  signal(member: Member, signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): Promise<void>;
  /** Samplers that there are to be from now on. */
  scale(samplers: number): Promise<void>;
  readonly samplers: number;
  /** Why not all runs as it should; undefined when it does. */
  unsettled(): Promise<string | undefined>;
}
