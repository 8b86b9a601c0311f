#!/usr/bin/env bash
# Compares what is compiled with the naive reading, at length: a million random cases, and every policy of the small
# scope. What it found, and when, stands in docs/semantics.md.
#   proof.sh <random cases for each property> <the small scope: full, or a part such as 0/16>
# The whole scope takes hours; parts can be done one after another and on several machines.
set -euo pipefail
. "$(dirname "$0")/environment.sh"
cd "$root"

readonly cases=${1:-1000000} scope=${2:-full}
# Only to be fast: what is optimised across crates takes minutes more to build.
export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16

reference() {
    nice -n "${NICE:-10}" cargo test --quiet --release -p sluis-core --test reference -- --nocapture "$@"
}

say "$cases random cases of each property:"
SLUIS_CASES=$cases reference --skip small_scope
say "Every policy of the small scope ($scope):"
SLUIS_SMALL_SCOPE=$scope reference small_scope
