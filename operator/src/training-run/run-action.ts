import type { LivePod } from '../kubernetes/live-pod.ts';

/** What the operator does to the world for a run. Each is safe to do twice. */
export type RunAction =
  | { readonly kind: 'add-finalizer' }
  /**
   * Everything that a Job needs before it is there: manifest, volume, network policy. The manifest may be made anew only
   * while no trainer reads it.
   */
  | { readonly kind: 'apply-ground'; readonly manifest: 'keep' | 'renew' }
  | { readonly kind: 'provision-rollouts' }
  | { readonly kind: 'apply-rollouts' }
  | { readonly kind: 'delete-rollouts' }
  | { readonly kind: 'remove-rollout-topology' }
  | { readonly kind: 'create-job' }
  | { readonly kind: 'suspend-job' }
  | { readonly kind: 'unsuspend-job' }
  | { readonly kind: 'delete-job' }
  | { readonly kind: 'ask-to-suspend'; readonly waitMs: number }
  | { readonly kind: 'forget-suspend-call' }
  | { readonly kind: 'evict-trainer'; readonly pod: LivePod; readonly silentSeconds: number }
  /** Its node does not answer: marked as failed without counting, and deleted without waiting for the node. */
  | { readonly kind: 'release-lost-pod'; readonly pod: LivePod }
  | { readonly kind: 'clean-up' }
  /** `left`: what was not cleaned up, and why. */
  | { readonly kind: 'remove-finalizer'; readonly left?: string }
  | { readonly kind: 'delete-run' };

/** What to do now, and when to look again although nothing has happened, s. */
export interface Step {
  readonly actions: readonly RunAction[];
  readonly afterSeconds?: number;
}

export const nothing: Step = { actions: [] };

/** Both, in this order; the sooner time counts. */
export function together(...steps: readonly Step[]): Step {
  const times = steps.flatMap(({ afterSeconds }) => (afterSeconds === undefined ? [] : [afterSeconds]));
  return {
    actions: steps.flatMap(({ actions }) => actions),
    ...(times.length === 0 ? {} : { afterSeconds: Math.min(...times) }),
  };
}
