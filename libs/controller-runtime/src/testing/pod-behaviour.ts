import { podAnnotations } from './kwok/pod-annotations.ts';

/** What a pod on a fake node does. Times are ms from the pod's last change. */
export type PodBehaviour = (
  | { readonly kind: 'run' }
  /** Its containers end with exit code 0. */
  | { readonly kind: 'succeed'; readonly afterMs?: number; readonly message?: string }
  /** Its containers end; where the pod restarts them, they are soon in CrashLoopBackOff. */
  | { readonly kind: 'fail'; readonly afterMs?: number; readonly exitCode?: number; readonly reason?: string; readonly message?: string }
  | { readonly kind: 'never-ready' }
  | { readonly kind: 'image-pull-back-off' }
  | { readonly kind: 'crash-loop-back-off'; readonly exitCode?: number; readonly reason?: string; readonly message?: string }
  /** Nothing by itself: the test writes the pod's status, and deletes it with grace 0. */
  | { readonly kind: 'by-hand' }
) & {
  /** Time from running to ready: a model that loads. Default 0. */
  readonly readyAfterMs?: number;
  /** Time from the request to delete to the end of its containers: a drain. Default 0. Not cut at the pod's grace. */
  readonly stopsAfterMs?: number;
  /** Of its containers when they are stopped. Default 143, which is SIGTERM's. */
  readonly stopExitCode?: number;
};

/** Annotations that say so to kwok. null takes one off an existing pod. */
export function annotationsOf(behaviour: PodBehaviour): Readonly<Record<string, string | null>> {
  const { kind, readyAfterMs, stopsAfterMs, stopExitCode } = behaviour;
  return {
    [podAnnotations.behaviour]: kind,
    [podAnnotations.after]: duration('afterMs' in behaviour ? behaviour.afterMs : undefined),
    [podAnnotations.readyAfter]: duration(readyAfterMs),
    [podAnnotations.exitCode]: text('exitCode' in behaviour ? behaviour.exitCode : undefined),
    [podAnnotations.reason]: text('reason' in behaviour ? behaviour.reason : undefined),
    [podAnnotations.message]: text('message' in behaviour ? behaviour.message : undefined),
    [podAnnotations.stopsAfter]: duration(stopsAfterMs),
    [podAnnotations.stopExitCode]: text(stopExitCode),
  };
}

const duration = (ms: number | undefined): string | null => (ms === undefined ? null : `${ms}ms`);
const text = (value: string | number | undefined): string | null => (value === undefined ? null : String(value));
