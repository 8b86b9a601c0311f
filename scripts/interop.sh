#!/usr/bin/env bash
# Feeds read by other clients of The Update Framework, and repositories of other authors read by ours.
set -euo pipefail
. "$(dirname "$0")/environment.sh"
. "$(dirname "$0")/peers.sh"
cd "$root"

prepare_peers || die "interop: the other clients could not be built"
cargo_peers test --locked -p peers-interop "$@" </dev/null
