import type { RunProgress } from '@grm/protocol';
import type { LivePod } from '../../kubernetes/live-pod.ts';
import type { RunFacts } from '../run-facts.ts';
import { heardProgress, isAwayForLong } from '../heard-progress.ts';
import { lastFailureOf } from '../last-failure.ts';
import { currentPod, runningSince } from '../trainer-pods.ts';
import { condition, type ConditionOf } from './run-condition.ts';
import { scheduled } from './scheduled.ts';

/** What the kubelet says of a container that it cannot start, and our word for it. */
const stuck: Readonly<Record<string, 'ImagePull' | 'ContainerNotCreated'>> = {
  ErrImagePull: 'ImagePull',
  ImagePullBackOff: 'ImagePull',
  InvalidImageName: 'ImagePull',
  ErrImageNeverPull: 'ImagePull',
  CreateContainerConfigError: 'ContainerNotCreated',
  CreateContainerError: 'ContainerNotCreated',
  RunContainerError: 'ContainerNotCreated',
};

export const progressing: ConditionOf = (input) => {
  const { facts, decision, problem } = input;
  const { goal } = decision;
  if (problem !== undefined) return condition('Progressing', problem.reason === 'ApplyFailed' ? 'False' : 'Unknown', problem.reason, problem.message);
  switch (goal.kind) {
    case 'delete':
      return condition('Progressing', 'False', 'Deleting', 'the run is being deleted');
    case 'finished':
      return condition('Progressing', 'False', 'Finished', 'the run has ended');
    case 'held':
      return condition('Progressing', 'False', 'NotAccepted', goal.hold.message);
    case 'suspend':
      return goal.stage === 'rest'
        ? condition('Progressing', 'False', 'Suspended', 'the run is suspended')
        : condition('Progressing', 'False', 'Suspending', 'the run is being suspended');
    case 'resume':
    case 'run': {
      const placed = scheduled(input);
      if (placed?.status === 'False') return condition('Progressing', 'False', 'NotScheduled', placed.message);
      return ofTrainer(facts, decision.actions.some(({ kind }) => kind === 'evict-trainer'));
    }
  }
};

function ofTrainer(facts: RunFacts, evicted: boolean) {
  const pod = currentPod(facts.pods);
  const waiting = pod === undefined ? undefined : waitingOf(pod);
  if (waiting !== undefined) return condition('Progressing', 'False', waiting.reason, waiting.message);
  if (pod === undefined || runningSince(pod) === undefined) return ofPodToCome(facts);
  if (evicted) return condition('Progressing', 'False', 'HeartbeatLost', 'the trainer is silent; it is evicted, and started again from its newest checkpoint');
  if (facts.progress.kind === 'unavailable') return whileAway(facts);
  if (facts.progress.kind === 'unreadable') return condition('Progressing', 'Unknown', 'ProgressUnreadable', `the trainer's progress cannot be read: ${facts.progress.message}`);
  const progress = heardProgress(facts);
  if (progress?.phase === 'Running') return condition('Progressing', 'True', 'StageRunning', whereText(progress));
  return condition('Progressing', 'Unknown', 'Starting', 'the trainer has been started, and has not said anything yet');
}

/** What was known stays for a while: a NATS server that is started anew is back before anybody has to know. */
function whileAway({ progress, now, status }: RunFacts) {
  if (isAwayForLong(progress, now)) return condition('Progressing', 'Unknown', 'NatsUnavailable', 'NATS is away, so how far the run is cannot be known; it goes on');
  const before = status.conditions?.find(({ type, reason }) => type === 'Progressing' && reason === 'StageRunning');
  return before === undefined
    ? condition('Progressing', 'Unknown', 'Starting', 'the trainer has been started, and nothing has been heard of it yet')
    : condition('Progressing', 'True', 'StageRunning', before.message);
}

function ofPodToCome({ pods, job }: RunFacts) {
  const failure = pods.some(({ status }) => status?.phase === 'Failed') ? lastFailureOf(pods) : undefined;
  // Those that are ignored, being lost or stopped, are just started again.
  if (failure !== undefined && (job?.status?.failed ?? 0) > 0) {
    return condition('Progressing', 'False', 'TrainerFailed', `pod ${failure.pod} failed (${failure.reason}); another one is started`);
  }
  return condition('Progressing', 'Unknown', 'Starting', 'the trainer is being started');
}

function waitingOf({ status }: LivePod): { reason: 'ImagePull' | 'ContainerNotCreated'; message: string } | undefined {
  for (const { state } of status?.containerStatuses ?? []) {
    const reason = stuck[state?.waiting?.reason ?? ''];
    if (reason !== undefined) return { reason, message: state?.waiting?.message ?? state?.waiting?.reason ?? reason };
  }
  return undefined;
}

/** Without the step, which would be a write for each: `status.stages` has it. */
function whereText({ stages }: RunProgress): string {
  const stage = stages.find(({ state }) => state === 'Running');
  return stage === undefined ? 'the trainer is between stages' : `stage ${stage.name} is under way`;
}
