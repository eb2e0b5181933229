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
{{- if and $nats.server.enabled $nats.replicas (gt (int $nats.replicas) 1) -}}
{{- fail "nats.replicas asks for copies on several servers, and the chart's own is one: leave it empty, or set nats.url to a cluster" -}}
{{- end -}}
{{- if and $nats.caSecret.name (not $nats.issueCredentials) (not $nats.services.caConfigMap) -}}
{{- fail "services would not believe the server: without nats.issueCredentials no Secret of theirs holds the authority of nats.caSecret; put it as ca.crt into a ConfigMap in their namespaces and name it in nats.services.caConfigMap" -}}
{{- end -}}
{{- if and $nats.clientCertificateSecret.name (not $nats.services.clientCertificateSecret) -}}
{{- fail "the server asks the operator for a certificate (nats.clientCertificateSecret), so it asks services too: name the Secret of theirs in nats.services.clientCertificateSecret" -}}
{{- end -}}
{{- if and .Values.webhook.enabled (not .Values.webhook.certificateSecret) -}}
{{- fail "webhook.enabled needs a certificate: name its Secret (kubernetes.io/tls) in webhook.certificateSecret" -}}
{{- end -}}
{{- if and .Values.webhook.enabled (not .Values.webhook.caBundle) (not .Values.webhook.certManagerCertificate) -}}
{{- fail "webhook.enabled needs the authority that the API server checks the certificate by: set webhook.caBundle, or webhook.certManagerCertificate where cert-manager injects it" -}}
{{- end -}}
{{- end -}}
