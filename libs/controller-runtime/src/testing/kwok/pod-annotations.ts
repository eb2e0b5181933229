/** What a fake pod does, written on the pod. `PodBehaviour` says the same in types. */
export const podAnnotations = {
  behaviour: 'fake.pod/behaviour',
  /** Go duration from the pod's last change to its success or failure. */
  after: 'fake.pod/after',
  readyAfter: 'fake.pod/ready-after',
  exitCode: 'fake.pod/exit-code',
  reason: 'fake.pod/reason',
  message: 'fake.pod/message',
  /** Go duration from the request to delete to the end of the containers. */
  stopsAfter: 'fake.pod/stops-after',
  stopExitCode: 'fake.pod/stop-exit-code',
} as const;
