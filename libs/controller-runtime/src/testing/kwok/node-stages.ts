import type { Stage } from './stage.ts';

const resource = { apiGroup: 'v1', kind: 'Node' };

/** A fake node is ready as soon as it is there, and again when it comes back. Its leases kwok renews by itself. */
export const nodeStages: readonly Stage[] = [
  {
    name: 'node-ready',
    resource,
    match: [{ key: '.status.conditions.[] | select( .type == "Ready" ) | .status', operator: 'NotIn', values: ['True'] }],
    next: [
      {
        kind: 'status',
        template: `{{ $now := Now }}
conditions:
{{ range NodeConditions }}
- type: {{ .type | Quote }}
  status: {{ .status | Quote }}
  reason: {{ .reason | Quote }}
  message: {{ .message | Quote }}
  lastHeartbeatTime: {{ $now | Quote }}
  lastTransitionTime: {{ $now | Quote }}
{{ end }}
addresses:
{{ with NodeIP }}
- { type: InternalIP, address: {{ . | Quote }} }
{{ end }}
- { type: Hostname, address: {{ .metadata.name | Quote }} }
nodeInfo:
  architecture: amd64
  bootID: ""
  containerRuntimeVersion: fake
  kernelVersion: fake
  kubeProxyVersion: fake
  kubeletVersion: fake
  machineID: ""
  operatingSystem: linux
  osImage: ""
  systemUUID: ""
`,
      },
    ],
  },
];
