import type { ServerLoad } from './server-load.ts';

/** The server behind an engine, as it was seen last. */
export interface EngineServer {
  readonly url: string;
  /** Why it cannot be asked right now; undefined while it can. */
  readonly problem: string | undefined;
  /** How busy it is; empty while it does not say. */
  readonly load: ServerLoad;
  /** Attempts that came after others, since the start. */
  readonly retried: number;
  /** Resolves when it may be sent more: it is there, and no more wait in it than may. Rejects with the signal's reason. */
  opened(signal: AbortSignal): Promise<void>;
}
