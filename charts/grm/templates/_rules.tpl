{{- /*
What the operator may do in every namespace that it watches: one list for the ClusterRole and for the Roles. It applies its
children with server-side apply, which is `patch` (and `create` where the object is new), and reads them through watches.
*/ -}}
{{- define "grm.watchedRules" -}}
- apiGroups: [grm.dev]
  resources: [grmtrainingruns]
  verbs: [get, list, watch, patch, delete] # delete: runs whose ttlSecondsAfterFinished has passed
- apiGroups: [grm.dev]
  resources: [grminferenceservices]
  verbs: [get, list, watch, patch]
- apiGroups: [grm.dev]
  resources: [grmtrainingruns/status, grminferenceservices/status]
  verbs: [patch]
- apiGroups: [grm.dev]
  resources: [grmtrainingruns/finalizers, grminferenceservices/finalizers]
  verbs: [update] # children that name their owner as one that waits for them
- apiGroups: [apps]
  resources: [deployments]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [batch]
  resources: [jobs]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [""]
  resources: [configmaps, services, serviceaccounts, persistentvolumeclaims]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [""]
  resources: [pods]
  verbs: [list, watch, delete]
- apiGroups: [""]
  resources: [pods/eviction]
  verbs: [create]
- apiGroups: [""]
  resources: [pods/status]
  verbs: [patch] # a trainer whose node does not answer is marked as disrupted, or its Job would wait for the node
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- if .Values.nats.issueCredentials }}
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, create, patch, delete] # users of NATS, by name; never list or watch
{{- end }}
{{- end -}}
