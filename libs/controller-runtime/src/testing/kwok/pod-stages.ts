import { podAnnotations } from './pod-annotations.ts';
import type { Match, Stage } from './stage.ts';

const resource = { apiGroup: 'v1', kind: 'Pod' };
const annotation = (name: string): string => `.metadata.annotations["${name}"]`;
const behaviour = (operator: 'In' | 'NotIn', ...values: readonly string[]): Match => ({ key: annotation(podAnnotations.behaviour), operator, values });
const phase = (...values: readonly string[]): Match => ({ key: '.status.phase', operator: 'In', values });
const ready = (is: boolean): Match => ({ key: '.status.conditions.[] | select( .type == "Ready" ) | .status', operator: is ? 'In' : 'NotIn', values: ['True'] });
const restarts = (operator: 'In' | 'NotIn'): Match => ({ key: '.spec.restartPolicy', operator, values: ['Never'] });
const waitsWith = (operator: 'In' | 'NotIn', reason: string): Match => ({ key: '.status.containerStatuses.[].state.waiting.reason', operator, values: [reason] });
const alive: Match = { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' };
const deleted: Match = { key: '.metadata.deletionTimestamp', operator: 'Exists' };

/** Head of every template: the pod's annotations as `$a`, the time as `$now`, the pod as `$pod`. */
const head = `{{ $now := Now }}{{ $pod := . }}{{ $a := or .metadata.annotations dict }}`;
const of = (name: string, otherwise: string): string => `( or ( index $a "${name}" ) ${otherwise} )`;

const addresses = `
{{ with NodeIPsWith .spec.nodeName }}
hostIP: {{ index . 0 | Quote }}
hostIPs: [ {{ range . }}{ ip: {{ . | Quote }} }, {{ end }} ]
{{ end }}
{{ with PodIPsWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) }}
podIP: {{ index . 0 | Quote }}
podIPs: [ {{ range . }}{ ip: {{ . | Quote }} }, {{ end }} ]
{{ end }}`;

/** Init containers have done their work; those that restart always (sidecars) run on. */
const initContainers = `
initContainerStatuses:
{{ range .spec.initContainers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""
  ready: true
  restartCount: 0
  started: {{ eq ( or .restartPolicy "" ) "Always" }}
  state:
  {{ if eq ( or .restartPolicy "" ) "Always" }}
    running: { startedAt: {{ $now | Quote }} }
  {{ else }}
    terminated: { exitCode: 0, reason: Completed, startedAt: {{ $now | Quote }}, finishedAt: {{ $now | Quote }} }
  {{ end }}
{{ end }}`;

/** `readyText` is the Go template of `true` or `false`. */
const conditions = (readyText: string): string => `
conditions:
- { type: PodReadyToStartContainers, status: "True", lastTransitionTime: {{ $now | Quote }} }
- { type: Initialized, status: "True", lastTransitionTime: {{ $now | Quote }} }
- { type: Ready, status: ${readyText}, lastTransitionTime: {{ $now | Quote }} }
- { type: ContainersReady, status: ${readyText}, lastTransitionTime: {{ $now | Quote }} }
{{ range .spec.readinessGates }}
- { type: {{ .conditionType | Quote }}, status: "True", lastTransitionTime: {{ $now | Quote }} }
{{ end }}`;

/** Every container in the same state; `state` is YAML of it, two spaces in. */
const containers = (facts: { readonly ready: string; readonly started: boolean; readonly restarts?: number; readonly state: string }): string => `
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""
  ready: ${facts.ready}
  started: ${facts.started}
  restartCount: ${facts.restarts ?? 0}
${facts.state}
{{ end }}`;

const running = (readyText: string): string =>
  containers({ ready: readyText, started: true, state: '  state: { running: { startedAt: {{ or $pod.status.startTime $now | Quote }} } }' });
const terminated = (indent: string, exitCode: string, reason: string): string =>
  `${indent}terminated:
${indent}  exitCode: {{ ${exitCode} }}
${indent}  reason: {{ ${reason} | Quote }}
${indent}  message: {{ ${of(podAnnotations.message, '""')} | Quote }}
${indent}  startedAt: {{ or $pod.status.startTime $now | Quote }}
${indent}  finishedAt: {{ $now | Quote }}`;

/** `then` where the pod is not ready from its start. */
const startsUnready = (then: string, otherwise: string): string => {
  const unready = `has ${of(podAnnotations.behaviour, '""')} ( list "never-ready" "crash-loop-back-off" )`;
  return `{{ if or ( ${unready} ) ( index $a "${podAnnotations.readyAfter}" ) }}${then}{{ else }}${otherwise}{{ end }}`;
};

/** How a fake pod goes from state to state. No two match the same pod. */
export const podStages: readonly Stage[] = [
  {
    name: 'pod-image-pull-back-off',
    resource,
    match: [alive, phase('Pending'), behaviour('In', 'image-pull-back-off'), waitsWith('NotIn', 'ImagePullBackOff')],
    next: [{ kind: 'status', template: `${head}${conditions('"False"')}${containers({ ready: 'false', started: false, state: '  state: { waiting: { reason: ImagePullBackOff, message: "Back-off pulling image" } }' })}\nphase: Pending\nstartTime: {{ $now | Quote }}` }],
  },
  {
    name: 'pod-run',
    resource,
    match: [alive, phase('Pending'), behaviour('NotIn', 'image-pull-back-off')],
    next: [{ kind: 'status', template: `${head}${conditions(startsUnready('"False"', '"True"'))}${running(startsUnready('false', 'true'))}${initContainers}${addresses}\nphase: Running\nstartTime: {{ $now | Quote }}` }],
  },
  {
    name: 'pod-become-ready',
    resource,
    match: [alive, phase('Running'), ready(false), behaviour('NotIn', 'never-ready', 'crash-loop-back-off', 'fail', 'succeed')],
    delay: annotation(podAnnotations.readyAfter),
    next: [{ kind: 'status', template: `${head}${conditions('"True"')}${running('true')}` }],
  },
  {
    name: 'pod-become-unready',
    resource,
    match: [alive, phase('Running'), ready(true), behaviour('In', 'never-ready')],
    next: [{ kind: 'status', template: `${head}${conditions('"False"')}${running('false')}` }],
  },
  {
    name: 'pod-crash-loop-back-off',
    resource,
    match: [alive, phase('Running'), behaviour('In', 'crash-loop-back-off'), waitsWith('NotIn', 'CrashLoopBackOff')],
    delay: annotation(podAnnotations.after),
    next: [{ kind: 'status', template: crashLoop() }],
  },
  {
    // What fails is restarted where the pod says so, and at last only now and then.
    name: 'pod-fail-and-restart',
    resource,
    match: [alive, phase('Running'), behaviour('In', 'fail'), restarts('NotIn'), waitsWith('NotIn', 'CrashLoopBackOff')],
    delay: annotation(podAnnotations.after),
    next: [{ kind: 'status', template: crashLoop() }],
  },
  {
    name: 'pod-fail',
    resource,
    match: [alive, phase('Running'), behaviour('In', 'fail'), restarts('In')],
    delay: annotation(podAnnotations.after),
    next: [{ kind: 'status', template: `${head}${conditions('"False"')}${containers({ ready: 'false', started: false, state: `  state:\n${terminated('    ', of(podAnnotations.exitCode, '1'), of(podAnnotations.reason, '"Error"'))}` })}\nphase: Failed` }],
  },
  {
    name: 'pod-succeed',
    resource,
    match: [alive, phase('Running'), behaviour('In', 'succeed')],
    delay: annotation(podAnnotations.after),
    next: [{ kind: 'status', template: `${head}${conditions('"False"')}${containers({ ready: 'false', started: false, state: `  state:\n${terminated('    ', '0', '"Completed"')}` })}\nphase: Succeeded` }],
  },
  {
    // As a kubelet: containers end first, which Jobs wait for, then the pod goes.
    name: 'pod-stop',
    resource,
    match: [deleted, phase('Pending', 'Running')],
    delay: annotation(podAnnotations.stopsAfter),
    next: [
      {
        kind: 'status',
        template: `${head}{{ $code := ${of(podAnnotations.stopExitCode, '"143"')} }}${conditions('"False"')}${containers({ ready: 'false', started: false, state: `  state:\n${terminated('    ', '$code', '( ternary "Completed" "Error" ( eq $code "0" ) )')}` })}\nphase: {{ ternary "Succeeded" "Failed" ( eq $code "0" ) }}`,
      },
    ],
  },
  { name: 'pod-delete', resource, match: [deleted, phase('Succeeded', 'Failed')], next: [{ kind: 'delete' }] },
];

function crashLoop(): string {
  const state = `  state: { waiting: { reason: CrashLoopBackOff, message: "back-off 5m0s restarting failed container" } }\n  lastState:\n${terminated('    ', of(podAnnotations.exitCode, '1'), of(podAnnotations.reason, '"Error"'))}`;
  return `${head}${conditions('"False"')}${containers({ ready: 'false', started: false, restarts: 5, state })}`;
}
