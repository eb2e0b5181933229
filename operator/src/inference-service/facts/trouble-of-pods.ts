import type { LiveDeployment } from '../../kubernetes/live-deployment.ts';
import type { LiveContainerStatus, LivePod } from '../../kubernetes/live-pod.ts';
import type { Trouble } from '../rollout/rollout-facts.ts';

/** A model that is not loaded after this time is a trouble worth naming, ms. */
const SLOW_LOAD_MS = 60_000;
const imageReasons: ReadonlySet<string> = new Set(['ImagePullBackOff', 'ErrImagePull', 'InvalidImageName', 'ErrImageNeverPull', 'ImageInspectError']);

export const isReady = ({ metadata, status }: LivePod): boolean => metadata.deletionTimestamp === undefined && (status?.conditions?.some(({ type, status: state }) => type === 'Ready' && state === 'True') ?? false);

/** Whether a pod still holds its place: it runs, waits, or stops. */
export const isThere = ({ status }: LivePod): boolean => status?.phase !== 'Succeeded' && status?.phase !== 'Failed';

/** A server beside the process is up before it, so its troubles come first; an init container that has done its work has none. */
const containersOf = (status: LivePod['status']): readonly LiveContainerStatus[] => [...(status?.initContainerStatuses ?? []).filter(({ state }) => state?.terminated?.exitCode !== 0), ...(status?.containerStatuses ?? [])];

type Check = (pod: LivePod, now: number) => Trouble | undefined;
const checks: readonly Check[] = [noPlace, noImage, crashes, slowLoad];

/** Why pods that should answer do not: of the first for which something is known. */
export function troubleOf(deployment: LiveDeployment | undefined, pods: readonly LivePod[], now: number): Trouble | undefined {
  for (const pod of pods.filter((candidate) => candidate.metadata.deletionTimestamp === undefined && isThere(candidate) && !isReady(candidate))) {
    for (const check of checks) {
      const trouble = check(pod, now);
      if (trouble !== undefined) return trouble;
    }
  }
  const refused = deployment?.status?.conditions?.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True');
  return refused === undefined ? undefined : { reason: 'Unschedulable', message: refused.message ?? 'pods cannot be made' };
}

function noPlace({ metadata, status }: LivePod): Trouble | undefined {
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status !== 'False') return undefined;
  const message = `${metadata.name}: ${scheduled.message ?? 'no node takes it'}`;
  return { reason: message.includes('nvidia.com/gpu') ? 'InsufficientGPU' : 'Unschedulable', message };
}

function noImage({ metadata, status }: LivePod): Trouble | undefined {
  const waiting = containersOf(status).find(({ state }) => imageReasons.has(state?.waiting?.reason ?? ''))?.state?.waiting;
  return waiting === undefined ? undefined : { reason: 'ImagePull', message: `${metadata.name}: ${waiting.message ?? waiting.reason ?? 'its image cannot be pulled'}` };
}

function crashes({ metadata, status }: LivePod): Trouble | undefined {
  const crashed = containersOf(status).find(({ state, lastState }) => state?.waiting?.reason === 'CrashLoopBackOff' || state?.terminated !== undefined || lastState?.terminated !== undefined);
  if (crashed === undefined) return undefined;
  const ended = crashed.state?.terminated ?? crashed.lastState?.terminated;
  const how = ended === undefined ? 'it ends again and again' : `exit code ${ended.exitCode}${ended.reason === undefined ? '' : ` (${ended.reason})`}${ended.message === undefined ? '' : `: ${ended.message.slice(-300)}`}`;
  return { reason: 'CrashLoop', message: `${metadata.name}, started ${(crashed.restartCount ?? 0) + 1} times: ${how}` };
}

function slowLoad({ metadata, status }: LivePod, now: number): Trouble | undefined {
  const running = containersOf(status).find(({ state }) => state?.running !== undefined)?.state?.running;
  const since = Date.parse(running?.startedAt ?? '');
  return now - since > SLOW_LOAD_MS ? { reason: 'ModelNotLoaded', message: `${metadata.name} has run for ${Math.round((now - since) / 1000)} s and is not ready` } : undefined;
}
