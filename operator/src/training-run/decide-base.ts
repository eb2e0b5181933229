import type { BaseRunFact } from './run-facts.ts';

/** Why a run may not start, as its condition Accepted says. */
export interface Hold {
  readonly reason: 'InvalidSpec' | 'WaitingForRun' | 'RunNotFound' | 'RunFailed';
  readonly message: string;
}

/** Why a run has to wait for the one that it starts from; undefined when it has not. */
export function decideBase(base: BaseRunFact): Hold | undefined {
  switch (base.kind) {
    case 'none':
    case 'ready':
      return undefined;
    case 'missing':
      return { reason: 'RunNotFound', message: `there is no GRMTrainingRun ${base.name} in this namespace; create it, or correct spec.base.trainingRun.name` };
    case 'waiting':
      return { reason: 'WaitingForRun', message: `starts from the policy of run ${base.name}, which is ${base.phase}` };
    case 'failed':
      return { reason: 'RunFailed', message: `run ${base.name} has no policy to start from: ${base.message}` };
  }
}
