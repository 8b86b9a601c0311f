#!/usr/bin/env bash
# Changes the code that reads and decides, one small thing at a time, and looks whether a test notices:
#   mutants.sh <part: policy (core/src/policy) or schema (policy-schema)> [<shard, such as 0/8>]
# Takes hours. It can be stopped at any time: what was caught before is not tried again. The findings, and what is known
# of them, stand in docs/mutants.md.
set -euo pipefail
. "$(dirname "$0")/environment.sh"
cd "$root"

readonly cargo_mutants=27.1.0 part=${1:-policy} shard=${2:-0/1}
readonly found=$root/target/mutants/$part-${shard//\//-of-}
# What a mutant is compiled with, and no more: the feed, the store and the agent would triple the time that each takes.
readonly tree=$found/tree
export PATH=$PATH:$root/target/tools/bin
# The tree has a target folder of its own, which the next run finds again.
unset CARGO_TARGET_DIR

core_manifest() {
    cat <<'MANIFEST'
[package]
name = "sluis-core"
version.workspace = true
edition.workspace = true

[dependencies]
ring.workspace = true
serde.workspace = true
sluis-policy.workspace = true

[dev-dependencies]
proptest.workspace = true
serde_json.workspace = true
MANIFEST
}

make_tree() {
    rm -rf "$tree/policy-schema" "$tree/core"
    mkdir -p "$tree/core/src" "$tree/core/tests"
    cp -r policy-schema "$tree/"
    cp -r core/src/policy "$tree/core/src/"
    cp -r core/tests/meaning core/tests/reference core/tests/verdicts.rs "$tree/core/tests/"
    echo 'pub mod policy;' >"$tree/core/src/lib.rs"
    core_manifest >"$tree/core/Cargo.toml"
    cp Cargo.lock rust-toolchain.toml clippy.toml "$tree/"
    {
        sed -e 's/^members = .*/members = ["policy-schema", "core"]/' -e '/^exclude = /d' Cargo.toml
        printf '\n[profile.dev]\ndebug = false\n'
    } >"$tree/Cargo.toml"
}

# mutants <files> <which tests…>: the quick tests come first, what they miss is tried again with the slow ones.
mutants() {
    local files=$1 tests=("${@:2}") status=0
    # As arguments of every call of cargo, so that other tests are not even compiled.
    (cd "$tree" && CARGO_INCREMENTAL=1 nice -n "${NICE:-10}" cargo mutants \
        --in-place --iterate --cap-lints true --timeout 120 --build-timeout 120 --shard "$shard" --output "$found" \
        --colors never --no-times --file "$files" "${tests[@]/#/--cargo-arg=}") || status=$?
    # 2: some were not noticed; 3: some ran into the time limit.
    [ "$status" -eq 0 ] || [ "$status" -eq 2 ] || [ "$status" -eq 3 ]
}

if ! cargo mutants --version >/dev/null 2>&1; then
    say "Building cargo-mutants, once …"
    quietly cargo-mutants env CARGO_TARGET_DIR="$root/target/tools/build" \
        cargo install cargo-mutants --version "$cargo_mutants" --locked --root "$root/target/tools" ||
        die "cargo-mutants could not be installed."
fi
make_tree
case $part in
policy)
    mutants 'core/src/policy/**' --test=meaning
    mutants 'core/src/policy/**' --lib --test=verdicts
    mutants 'core/src/policy/**' --test=reference
    ;;
schema) mutants 'policy-schema/src/**' ;;
*) die "Which part: policy or schema?" ;;
esac
say "Not noticed:"
cat "$found/mutants.out/missed.txt" "$found/mutants.out/timeout.txt"
