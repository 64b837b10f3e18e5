#!/usr/bin/env bash
# build.sh [BUILD_DIR]: makes what the peers need, in build/peers unless told: two programs in Go of
# Debian's sources, and Node's modules. Says nothing unless something fails; does nothing twice.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "${1:-$here/../../build/peers}"
build=$(cd "${1:-$here/../../build/peers}" && pwd)

for program in go npm node nginx; do
  command -v "$program" >/dev/null || {
    echo "build.sh: $program is missing; 'make bench' installs it" >&2
    exit 1
  }
done

# Debian's libraries for Go are sources in a GOPATH; no module is fetched. Go's own cache knows what
# has changed.
mkdir -p "$build/gopath/src"
ln -sfn "$here" "$build/gopath/src/peers"
for program in go_request go_buffered; do
  (
    cd "$build"
    GO111MODULE=off GOFLAGS='' GOPATH=$build/gopath:/usr/share/gocode GOCACHE=$build/go-cache \
      go build -o "$build/$program" "peers/$program"
  )
done

# The copy of the lock file is made last: where it is the same, the modules are whole.
if ! cmp -s "$here/node/package-lock.json" "$build/node/installed-lock.json"; then
  mkdir -p "$build/node"
  cp "$here/node/package.json" "$here/node/package-lock.json" "$build/node/"
  (cd "$build/node" && npm ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error)
  cp "$here/node/package-lock.json" "$build/node/installed-lock.json"
fi >/dev/null
