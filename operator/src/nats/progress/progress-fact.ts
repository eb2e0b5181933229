import type { RunProgress } from '@grm/protocol';

/** NATS may be away for so long before anybody is told, s: a server that is started anew is back sooner. */
export const NATS_GRACE_SECONDS = 30;

/** What the trainer last said of a run, as far as that can be known. */
export type ProgressFact =
  | {
      readonly kind: 'known';
      readonly progress: RunProgress;
      /** When the trainer gave this sign of life, by the clocks of the NATS server and this process. */
      readonly heardAt: Date;
      /** Since when signs of life can reach this process: silence before that means nothing. */
      readonly listeningSince: Date;
    }
  /** NATS is there, and nothing has been said. */
  | { readonly kind: 'none'; readonly listeningSince: Date }
  /** Something was said that this version does not understand. */
  | { readonly kind: 'unreadable'; readonly message: string; readonly heardAt: Date; readonly listeningSince: Date }
  /** NATS is away. */
  | { readonly kind: 'unavailable'; readonly since: Date };
