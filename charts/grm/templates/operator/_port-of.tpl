{{- /* Port of a URL, or what stands for none. Called with (list url default). */ -}}
{{- define "grm.portOf" -}}
{{- $host := (urlParse (index . 0)).host | default (index . 0) -}}
{{- regexFind "[0-9]+$" (regexFind ":[0-9]+$" $host) | default (index . 1 | toString) -}}
{{- end -}}
