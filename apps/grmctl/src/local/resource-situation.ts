import type { ResourceStatus } from './local-state.ts';

/** What applying any resource needs to know. */
export interface ResourceSituation {
  /** Key of the resource. */
  readonly owner: string;
  readonly programs: string;
  /** Folder that ConfigMaps are written to. */
  readonly config: string;
  /** The node executable. */
  readonly node: string;
  /** Aborted when a later application replaces this one; it then starts nothing any more. */
  readonly signal: AbortSignal;
  readonly report: Report;
}

/** @param heldBy key of the suspended run that the resource waits for. */
export type Report = (phase: ResourceStatus['phase'], message?: string, heldBy?: string) => void;
