{{- /* Everything that the operator is told, and the files that it is given for it. */ -}}
{{- define "grm.environment" -}}
- {name: GRM_OPERATOR_NAMESPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
- {name: GRM_OPERATOR_POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
- {name: GRM_WATCH_NAMESPACES, value: {{ join "," .Values.watch.namespaces | quote }}}
- {name: GRM_NATS_URL, value: {{ include "grm.natsUrl" . | quote }}}
{{- if include "grm.natsCredentials" . }}
- {name: GRM_NATS_CREDENTIALS, value: /etc/grm/nats/credentials/operator.creds}
{{- end }}
{{- if .Values.nats.caSecret.name }}
- {name: GRM_NATS_CA, value: /etc/grm/nats/ca/ca.crt}
{{- end }}
{{- if .Values.nats.clientCertificateSecret.name }}
- {name: GRM_NATS_CERTIFICATE, value: /etc/grm/nats/certificate/tls.crt}
- {name: GRM_NATS_KEY, value: /etc/grm/nats/certificate/tls.key}
{{- end }}
{{- with .Values.nats.services.caConfigMap }}
- {name: GRM_SERVICES_NATS_CA_CONFIG_MAP, value: {{ . }}}
{{- end }}
{{- with .Values.nats.services.clientCertificateSecret }}
- {name: GRM_SERVICES_NATS_CERTIFICATE_SECRET, value: {{ . }}}
{{- end }}
{{- with .Values.nats.replicas }}
- {name: GRM_NATS_REPLICAS, value: {{ . | quote }}}
{{- end }}
{{- if include "grm.natsAccountSeed" . }}
- {name: GRM_NATS_ACCOUNT_SEED, value: /etc/grm/nats/account/account.seed}
{{- end }}
- {name: GRM_SERVICES_IMAGE, value: {{ include "grm.servicesImage" . | quote }}}
{{- with .Values.services.imagePullSecrets }}
- {name: GRM_IMAGE_PULL_SECRETS, value: {{ join "," . | quote }}}
{{- end }}
{{- with .Values.services.storageClassName }}
- {name: GRM_STORAGE_CLASS, value: {{ . | quote }}}
{{- end }}
- {name: GRM_SERVICES_PODS, value: {{ include "grm.servicePods" .Values.services | quote }}}
- {name: GRM_HTTP_HOST, value: 0.0.0.0}
- {name: GRM_HTTP_PORT, value: "8080"}
{{- if .Values.webhook.enabled }}
- {name: GRM_WEBHOOK_PORT, value: {{ .Values.webhook.port | quote }}}
- {name: GRM_WEBHOOK_CERTIFICATES, value: /etc/grm/webhook}
{{- end }}
- {name: GRM_API_QPS, value: {{ .Values.operator.api.qps | quote }}}
- {name: GRM_API_BURST, value: {{ .Values.operator.api.burst | quote }}}
- {name: GRM_CONCURRENCY, value: {{ .Values.operator.concurrency | quote }}}
- {name: GRM_LEASE_SECONDS, value: {{ .Values.operator.leaseSeconds | quote }}}
- {name: GRM_LOG_LEVEL, value: {{ .Values.operator.logLevel }}}
{{- with .Values.telemetry.otlpEndpoint }}
- {name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ . | quote }}}
- {name: OTEL_SERVICE_NAME, value: grm-operator}
{{- end }}
{{- end -}}

{{- /* Whole folders, so that a changed Secret reaches the running pod. */ -}}
{{- define "grm.mounts" -}}
- {name: tmp, mountPath: /tmp}
{{- if include "grm.natsCredentials" . }}
- {name: nats-credentials, mountPath: /etc/grm/nats/credentials, readOnly: true}
{{- end }}
{{- if .Values.nats.caSecret.name }}
- {name: nats-ca, mountPath: /etc/grm/nats/ca, readOnly: true}
{{- end }}
{{- if .Values.nats.clientCertificateSecret.name }}
- {name: nats-certificate, mountPath: /etc/grm/nats/certificate, readOnly: true}
{{- end }}
{{- if include "grm.natsAccountSeed" . }}
- {name: nats-account, mountPath: /etc/grm/nats/account, readOnly: true}
{{- end }}
{{- if .Values.webhook.enabled }}
- {name: webhook, mountPath: /etc/grm/webhook, readOnly: true}
{{- end }}
{{- end -}}

{{- define "grm.volumes" -}}
- {name: tmp, emptyDir: {}}
{{- with include "grm.natsCredentials" . }}
- {name: nats-credentials, secret: {secretName: {{ . }}, items: [{key: {{ $.Values.nats.credentialsSecret.key }}, path: operator.creds}]}}
{{- end }}
{{- with .Values.nats.caSecret.name }}
- {name: nats-ca, secret: {secretName: {{ . }}, items: [{key: {{ $.Values.nats.caSecret.key }}, path: ca.crt}]}}
{{- end }}
{{- with .Values.nats.clientCertificateSecret.name }}
- {name: nats-certificate, secret: {secretName: {{ . }}}}
{{- end }}
{{- with include "grm.natsAccountSeed" . }}
- {name: nats-account, secret: {secretName: {{ . }}, items: [{key: {{ $.Values.nats.accountSeedSecret.key }}, path: account.seed}]}}
{{- end }}
{{- if .Values.webhook.enabled }}
- {name: webhook, secret: {secretName: {{ .Values.webhook.certificateSecret }}}}
{{- end }}
{{- end -}}

{{- /* What pods of runs and services are to be like: JSON, without names that are empty. Called with .Values.services. */ -}}
{{- define "grm.servicePods" -}}
{{- $pool := pick .gpuPool "nodeLabel" "products" "nodeSelector" "tolerations" -}}
{{- with .gpuPool.runtimeClassName }}{{ $_ := set $pool "runtimeClassName" . }}{{ end -}}
{{- with .gpuPool.priorityClassName }}{{ $_ := set $pool "priorityClassName" . }}{{ end -}}
{{- $pods := dict "nodeSelector" .nodeSelector "tolerations" .tolerations "labels" .podLabels "annotations" .podAnnotations "gpuPool" $pool -}}
{{- with .priorityClassName }}{{ $_ := set $pods "priorityClassName" . }}{{ end -}}
{{- toJson $pods -}}
{{- end -}}
