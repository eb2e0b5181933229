{{- /* Prefix of all names: the release's, which holds "grm" once. */ -}}
{{- define "grm.prefix" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- $full | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "grm.operator" -}}{{ include "grm.prefix" . }}-operator{{- end -}}
{{- define "grm.natsServer" -}}{{ include "grm.prefix" . }}-nats{{- end -}}
{{- define "grm.serviceAccount" -}}{{ default (include "grm.operator" .) .Values.operator.serviceAccount.name }}{{- end -}}

{{- /* What selects a component's pods; never changes. Called with (list $ "operator"). */ -}}
{{- define "grm.selector" -}}
app.kubernetes.io/name: grm
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- define "grm.labels" -}}
{{- $root := index . 0 -}}
{{ include "grm.selector" . }}
app.kubernetes.io/part-of: grm
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version }}
{{- end -}}

{{- /* repository:tag, or repository@digest. Called with (list image "default tag"). */ -}}
{{- define "grm.imageOf" -}}
{{- $image := index . 0 -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ default (index . 1) $image.tag }}
{{- end -}}
{{- end -}}

{{- define "grm.image" -}}{{ include "grm.imageOf" (list .Values.image .Chart.AppVersion) }}{{- end -}}

{{- /* Of trainers, samplers, meta RMs and voters: beside the operator's, unless that is an image of all programs. */ -}}
{{- define "grm.servicesImage" -}}
{{- $operator := .Values.image -}}
{{- if .Values.services.image -}}
{{ .Values.services.image }}
{{- else if hasSuffix "grm-operator" $operator.repository -}}
{{ printf "%s-services" (trimSuffix "-operator" $operator.repository) }}:{{ default .Chart.AppVersion $operator.tag }}
{{- else -}}
{{ include "grm.image" . }}
{{- end -}}
{{- end -}}

{{- /* Secret with the NATS account of the chart's own server. */ -}}
{{- define "grm.natsAccount" -}}{{ default (printf "%s-account" (include "grm.natsServer" .)) .Values.nats.server.account.existingSecret }}{{- end -}}

{{- define "grm.natsUrl" -}}
{{- if .Values.nats.server.enabled -}}
nats://{{ include "grm.natsServer" . }}.{{ .Release.Namespace }}.svc:4222
{{- else -}}
{{ .Values.nats.url }}
{{- end -}}
{{- end -}}

{{- /* Secrets of the operator's connection; empty where there is none. */ -}}
{{- define "grm.natsCredentials" -}}{{ default (ternary (include "grm.natsAccount" .) "" .Values.nats.server.enabled) .Values.nats.credentialsSecret.name }}{{- end -}}
{{- define "grm.natsAccountSeed" -}}
{{- if .Values.nats.issueCredentials -}}
{{ default (ternary (include "grm.natsAccount" .) "" .Values.nats.server.enabled) .Values.nats.accountSeedSecret.name }}
{{- end -}}
{{- end -}}
