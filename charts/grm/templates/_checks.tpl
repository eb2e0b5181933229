{{- /* What the schema cannot say, one check a rule. Each says what is wrong and what to do. */ -}}
{{- define "grm.checks" -}}
{{- $nats := .Values.nats -}}
{{- if and $nats.server.enabled $nats.url -}}
{{- fail "nats.url is set beside the chart's own server: set nats.server.enabled=false to use yours, or leave nats.url empty" -}}
{{- end -}}
{{- if not (or $nats.server.enabled $nats.url) -}}
{{- fail "there is no NATS server: set nats.url to yours, or nats.server.enabled=true for one for development" -}}
{{- end -}}
{{- if and (not $nats.server.enabled) $nats.issueCredentials (not $nats.accountSeedSecret.name) -}}
{{- fail "nats.issueCredentials needs the seed of your account: name its Secret in nats.accountSeedSecret.name, or set nats.issueCredentials=false" -}}
{{- end -}}
{{- if and $nats.server.enabled (not $nats.issueCredentials) -}}
{{- fail "the chart's own NATS server lets nobody in without credentials: set nats.issueCredentials=true, so that the operator gives them to services" -}}
{{- end -}}
{{- if and .Values.webhook.enabled (not .Values.webhook.certificateSecret) -}}
{{- fail "webhook.enabled needs a certificate: name its Secret (kubernetes.io/tls) in webhook.certificateSecret" -}}
{{- end -}}
{{- if and .Values.webhook.enabled (not .Values.webhook.caBundle) (not .Values.webhook.certManagerCertificate) -}}
{{- fail "webhook.enabled needs the authority that the API server checks the certificate by: set webhook.caBundle, or webhook.certManagerCertificate where cert-manager injects it" -}}
{{- end -}}
{{- end -}}
