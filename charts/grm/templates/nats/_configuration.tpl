{{- define "grm.natsConfiguration" -}}
server_name: $NATS_SERVER_NAME
port: 4222
http: 8222
max_payload: 1MB
jetstream {
  store_dir: /data
  max_file_store: {{ .Values.nats.server.storage.limit }}
  max_memory_store: 64Mi
  # JetStream flushes every two minutes by default, and a power loss takes what it acknowledged since.
  sync_interval: always
}
# Operator, account and system account.
include resolver.conf
{{- end -}}
