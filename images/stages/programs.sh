#!/bin/sh
# programs.sh ROOT WORKSPACE...: compiled programs and libraries as /app, without tests, fixtures and sources, and the
# models that come with this repository. In the repository's root.
set -eu
root=$1
shift
install -D -m 644 package.json "$root/app/package.json"
for workspace in "$@"; do
  mkdir -p "$root/app/$workspace"
  cp "$workspace/package.json" "$root/app/$workspace/"
  [ ! -d "$workspace/bin" ] || cp -r "$workspace/bin" "$root/app/$workspace/"
  cp -r "$workspace/dist" "$root/app/$workspace/"
done
find "$root/app" -type f \( -name '*.test.*' -o -name '*.fixture.*' -o -name '*.d.ts' -o -name '*.map' -o -name '*.tsbuildinfo' \) -delete
find "$root/app" -type d \( -name testing -o -name golden \) -exec rm -rf {} +
find "$root/app" -type d -empty -delete
cp -r models "$root/app/models"
