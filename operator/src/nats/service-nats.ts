import type { GateReport, ServiceAddress } from '@grm/protocol';

/** What is known of a revision's work and workers just now. */
export interface WorkReading {
  /** Samples that wait or are being drawn. */
  readonly samples: number;
  /** Samples a second of one busy sampler; absent: none has been measured. */
  readonly samplesPerSecond?: number;
  /** Time that a sampler took to load its model, s. */
  readonly loadSeconds?: number;
  /** Judgements a second of one busy meta RM. */
  readonly judgementsPerSecond?: number;
  /** Tasks of the meta RM that wait or are being worked on. */
  readonly metaRM: number;
}

/** What the operator does over NATS for a service. Every call ends in bounded time; without NATS it rejects at once with `NatsUnavailableError`. */
export interface ServiceNats {
  readonly connected: boolean;
  /** Streams, and consumers of these revisions. Idempotent, and remembered while the connection lasts. */
  ensure(service: ServiceAddress, revisions: readonly string[], maxPending: number): Promise<void>;
  read(service: ServiceAddress & { readonly revision: string }): Promise<WorkReading>;
  /** Whether nothing of a revision waits or is being worked on. */
  drained(service: ServiceAddress & { readonly revision: string }): Promise<boolean>;
  gateReport(service: ServiceAddress & { readonly revision: string }): Promise<GateReport | undefined>;
  removeRevision(service: ServiceAddress & { readonly revision: string }): Promise<void>;
  removeAll(service: ServiceAddress): Promise<void>;
}
