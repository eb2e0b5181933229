#!/bin/sh
# programs.sh ROOT WORKSPACE...: compiled programs and libraries as /app, without tests, fixtures and sources, and the
# models that come with this repository. In the repository's root.
set -eu
root=$1
shift
install -D -m 644 package.json "$root/app/package.json"
for workspace in "$@"; do
  folder="$root/app/$workspace"
  mkdir -p "$folder"
  cp "$workspace/package.json" "$folder/"
  [ ! -d "$workspace/bin" ] || cp -r "$workspace/bin" "$folder/"
  cp -r "$workspace/dist" "$folder/"
  # Only here: in an image that is built in one folder, packages lie beside it, and theirs may be called the same.
  find "$folder" -type f \( -name '*.test.*' -o -name '*.fixture.*' -o -name '*.d.ts' -o -name '*.map' -o -name '*.tsbuildinfo' \) -delete
  find "$folder" -type d \( -name testing -o -name golden \) -exec rm -rf {} +
  find "$folder" -type d -empty -delete
done
cp -r models "$root/app/models"
