#!/usr/bin/env bash
# The long form of tests/tests/survival: more than a thousand kills, a power cut at every write, a disk that fails at every write.
set -euo pipefail
. "$(dirname "$0")/environment.sh"
cd "$root"

scripts/prepare.sh
SLUIS_SURVIVAL=full cargo test --quiet -p sluis-tests --test survival -- --nocapture
