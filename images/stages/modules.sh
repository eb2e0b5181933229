#!/bin/sh
# modules.sh ROOT WORKSPACE...: production packages of some workspaces as /app/node_modules, with their bill of materials.
# In the repository's root.
set -eu
root=$1
shift
source=$PWD
app=$(mktemp -d)
trap 'rm -rf "$app"' EXIT

cp package.json package-lock.json "$app/"
for workspace in "$@"; do install -D -m 644 "$workspace/package.json" "$app/$workspace/package.json"; done
cd "$app"
node "$source/images/stages/production-manifests.mjs" "$app" "$@"
npm install --package-lock-only --ignore-scripts --prefer-offline --no-audit --no-fund --silent
npm ci --ignore-scripts --prefer-offline --no-audit --no-fund --loglevel=error >&2

# The bill of materials names what is installed, before files that nothing loads are left out.
mkdir -p "$root/app"
npm sbom --sbom-format=cyclonedx --sbom-type=application > "$app/sbom.json"
node "$source/images/stages/timeless-sbom.mjs" "$app/sbom.json" > "$root/app/sbom.cyclonedx.json"

# Declarations, source maps and sources are for those who develop; native files of other machines load nowhere here.
rm -rf node_modules/.bin node_modules/.package-lock.json node_modules/@types
find node_modules -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' -o -name '*.ts' -o -name '*.md' -o -name '*.markdown' -o -name '*.tsbuildinfo' \) ! -iname 'licen*' ! -iname 'notice*' -delete
case $(uname -m) in x86_64) machine=x64 ;; *) machine=arm64 ;; esac
for folder in node_modules/*/prebuilds/*; do
  [ -d "$folder" ] || continue
  [ "${folder##*/}" = "linux-$machine" ] || rm -rf "$folder"
done
if [ -d node_modules/onnxruntime-node ]; then
  find node_modules/onnxruntime-node/bin -mindepth 2 -maxdepth 2 -type d ! -name linux -exec rm -rf {} +
  find node_modules/onnxruntime-node/bin -mindepth 3 -maxdepth 3 -type d ! -name "$machine" -exec rm -rf {} +
  rm -rf node_modules/onnxruntime-node/script
fi
find node_modules -type d -empty -delete
cp -a node_modules "$root/app/"
