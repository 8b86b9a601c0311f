#!/usr/bin/env bash
# Runs the fuzz targets of tests/fuzz one after the other: fuzz.sh [target…]. SECONDS_EACH says how long each may take.
set -euo pipefail
. "$(dirname "$0")/environment.sh"
cd "$root/tests/fuzz"

seconds=${SECONDS_EACH:-60}
targets=("$@")
[ "${#targets[@]}" -gt 0 ] || mapfile -t targets < <(sed -n 's/^name = "\([a-z]*\)"$/\1/p' Cargo.toml)
# Apart from the others': it is instrumented, by another compiler.
export CARGO_TARGET_DIR=$root/target/fuzz

rustup toolchain list | grep -q '^nightly' || quietly rustup-nightly rustup toolchain install nightly --profile minimal ||
    die "Fuzzing needs Rust's nightly compiler, which could not be installed: rustup toolchain install nightly"
command -v cargo-fuzz >/dev/null || quietly cargo-fuzz cargo install --locked cargo-fuzz ||
    die "Fuzzing needs cargo-fuzz, which could not be installed: cargo install cargo-fuzz"
command -v c++ >/dev/null || die "Fuzzing needs a C++ compiler (Debian: apt-get install g++)."

# No sanitizer: there is no unsafe code here to sanitize, and what looks for panics runs three times as often without.
readonly fuzz=(cargo +nightly fuzz)
readonly options=(--fuzz-dir . --sanitizer none)

say "Building the fuzz targets …"
quietly fuzz-build "${fuzz[@]}" build "${options[@]}"
findings=()
for target in "${targets[@]}"; do
    say "Fuzzing $target for $seconds s …"
    # New inputs go into a folder of this machine's; the small corpus in the repository only feeds it.
    found=$root/target/fuzz-corpus/$target
    mkdir -p "$found"
    if "${fuzz[@]}" run "${options[@]}" "$target" "$found" "corpus/$target" -- \
        -max_total_time="$seconds" -max_len=2000 -len_control=20 -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 >"$logs/fuzz-$target.log" 2>&1 </dev/null; then
        awk '/^stat::number_of_executed_units/ { print "  " $2 " inputs, nothing found" }' "$logs/fuzz-$target.log"
    else
        tail -n 40 "$logs/fuzz-$target.log"
        findings+=("$target")
    fi
done
[ "${#findings[@]}" -eq 0 ] || die "fuzz: findings in ${findings[*]}; the inputs are in tests/fuzz/artifacts"
say "fuzz: nothing found"
