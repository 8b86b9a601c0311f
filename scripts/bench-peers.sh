#!/usr/bin/env bash
# Times `sluis` against other clients of The Update Framework: bench-peers.sh <rounds, 41 if left out>
set -euo pipefail
. "$(dirname "$0")/environment.sh"
. "$(dirname "$0")/peers.sh"
cd "$root"

if ! prepare_peers || ! quietly peers-race cargo_peers build --release --locked -p peers-interop --bin race; then
    say "Refreshes were not timed against other clients: these could not be built here, see above."
    exit 0
fi
"$PEERS/race" "${1:-41}"
