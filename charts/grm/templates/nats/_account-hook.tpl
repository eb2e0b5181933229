{{- /* Before everything else; what an earlier release left behind is replaced, and what succeeded is taken away. */ -}}
{{- define "grm.accountHook" -}}
helm.sh/hook: pre-install,pre-upgrade
helm.sh/hook-weight: {{ . | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end -}}
