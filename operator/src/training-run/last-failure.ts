import type { LivePod } from '../kubernetes/live-pod.ts';
import type { LastFailure } from './status-types.ts';

/** sysexits.h: EX_TEMPFAIL. A trainer that was told to stop ends so: a wish, not a failure. */
const STOPPED = 75;
/** The end of what a container said is most of what helps, in characters. */
const LONGEST_MESSAGE = 1_024;

/** How the pod that failed last did so; undefined when none has. */
export function lastFailureOf(pods: readonly LivePod[]): LastFailure | undefined {
  const failures = pods.flatMap((pod) => failureOf(pod) ?? []);
  return failures.toSorted((one, other) => one.time.localeCompare(other.time)).at(-1);
}

function failureOf(pod: LivePod): LastFailure | undefined {
  for (const { name, state, lastState } of pod.status?.containerStatuses ?? []) {
    // One that is started again says so of its last life.
    const ended = state?.terminated ?? lastState?.terminated;
    if (ended === undefined || ended.exitCode === 0 || ended.exitCode === STOPPED) continue;
    return {
      pod: pod.metadata.name,
      container: name,
      reason: ended.reason ?? 'Error',
      exitCode: ended.exitCode,
      time: ended.finishedAt ?? pod.metadata.creationTimestamp ?? '',
      ...(ended.message === undefined || ended.message === '' ? {} : { message: ended.message.slice(-LONGEST_MESSAGE) }),
    };
  }
  return failureOfPod(pod);
}

/** One that failed as a whole: evicted, or lost with its node. */
function failureOfPod({ metadata, status }: LivePod): LastFailure | undefined {
  const disruption = status?.conditions?.find(({ type, status: state }) => type === 'DisruptionTarget' && state === 'True');
  const reason = disruption?.reason ?? status?.reason;
  if (status?.phase !== 'Failed' || reason === undefined) return undefined;
  const message = disruption?.message ?? status.message;
  return {
    pod: metadata.name,
    reason,
    time: disruption?.lastTransitionTime ?? metadata.creationTimestamp ?? '',
    ...(message === undefined ? {} : { message: message.slice(-LONGEST_MESSAGE) }),
  };
}
