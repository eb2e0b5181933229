import { expect, it } from 'vitest';
import type { LiveContainerStatus, LivePod } from '../../kubernetes/live-pod.ts';
import { troubleOf } from './trouble-of-pods.ts';

const now = Date.parse('2026-11-26T20:00:00Z');

/** A pod with a server beside its sampler. */
const pod = (server: Partial<LiveContainerStatus>, sampler: Partial<LiveContainerStatus> = { state: { waiting: { reason: 'PodInitializing' } } }): LivePod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'judge-0' },
  status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'True' }], initContainerStatuses: [{ name: 'server', ...server }], containerStatuses: [{ name: 'sampler', ...sampler }] },
});

it.each<[string, LivePod, object | undefined]>([
  ['a server whose image is not there', pod({ state: { waiting: { reason: 'ImagePullBackOff', message: 'no such image' } } }), { reason: 'ImagePull', message: 'judge-0: no such image' }],
  [
    'a server that crashes over its model',
    pod({ restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { exitCode: 1, reason: 'Error', message: 'CUDA out of memory' } } }),
    { reason: 'CrashLoop', message: 'judge-0, started 4 times: exit code 1 (Error): CUDA out of memory' },
  ],
  ['a server that loads for long', pod({ state: { running: { startedAt: '2026-11-26T19:50:00Z' } } }), { reason: 'ModelNotLoaded', message: 'judge-0 has run for 600 s and is not ready' }],
  ['a server that has just begun', pod({ state: { running: { startedAt: '2026-11-26T19:59:50Z' } } }), undefined],
  ['an init container of others that has done its work', pod({ name: 'mesh', state: { terminated: { exitCode: 0, reason: 'Completed' } } }, { state: { running: { startedAt: '2026-11-26T19:59:59Z' } } }), undefined],
])('tells of %s', (_, one, trouble) => {
  expect(troubleOf(undefined, [one], now)).toEqual(trouble);
});
