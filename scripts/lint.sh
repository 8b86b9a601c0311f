#!/usr/bin/env bash
# All that is checked without running the program. Every check is made even when one before it found something.
set -euo pipefail
. "$(dirname "$0")/environment.sh"
cd "$root"

readonly android=aarch64-linux-android cargo_deny=0.20.2
export PATH=$PATH:$root/target/tools/bin
findings=()

# check <what> <command…>
check() {
    local what=$1 log
    shift
    log=$(mktemp)
    if "$@" >"$log" 2>&1 </dev/null; then
        say "  ok    $what"
    else
        say "  FAIL  $what"
        tail -n 80 "$log"
        findings+=("$what")
    fi
    rm -f "$log"
}

skip() { say "  --    $*"; }

# The Rust crates that go on a phone, checked for a phone. Without an NDK nothing can be linked, so C code gets no compiler.
android_target() {
    local stub=$root/target/no-compiler underscored=${android//-/_}
    mkdir -p "$stub"
    printf '#!/bin/sh\n# Stands in for the C compiler: makes an empty object where one is asked for.\nwhile [ $# -gt 0 ]; do [ "$1" = -o ] && : >"$2"; shift; done\n' >"$stub/cc"
    printf '#!/bin/sh\nexit 0\n' >"$stub/ar"
    chmod +x "$stub/cc" "$stub/ar"
    env "CC_$underscored=$stub/cc" "AR_$underscored=$stub/ar" \
        cargo check --quiet -p sluis-policy -p sluis-core -p sluis-bridge --target "$android"
}

ktlint() {
    local class_path=$root/target/ktlint.classpath
    [ -s "$class_path" ] ||
        scripts/maven.sh -f scripts/ktlint.xml dependency:build-classpath -Dmdep.outputFile="$class_path" || return 1
    java -cp "$(cat "$class_path")" com.pinterest.ktlint.Main --log-level=warn "android-app/src/**/*.kt"
}

generated_files() {
    local before after
    before=$(git status --porcelain)
    cargo run --quiet -p sluis-tests --bin generate || return 1
    after=$(git status --porcelain)
    [ "$before" = "$after" ] || { echo "make strings changed files:" && git diff --stat && return 1; }
}

shell_scripts() {
    local scripts script
    mapfile -t scripts < <(git ls-files '*.sh' .ci/run)
    for script in "${scripts[@]}"; do bash -n "$script" || return 1; done
    ! command -v shellcheck >/dev/null || shellcheck --severity=warning --external-sources --source-path=SCRIPTDIR "${scripts[@]}"
}

# Built only where nobody waits for it: it takes minutes.
cargo_deny() {
    command -v cargo-deny >/dev/null && return
    [ "${CI:-}" = true ] && say "Building cargo-deny, once …" &&
        quietly cargo-deny cargo install cargo-deny --version "$cargo_deny" --locked --root "$root/target/tools"
}

scripts/prepare.sh
scripts/install-packages.sh shellcheck:shellcheck || skip "shellcheck could not be installed"
check "Rust is formatted" cargo fmt --all --check
check "Rust of the other clients is formatted" cargo fmt --all --check --manifest-path tests/peers/Cargo.toml
check "Rust of the other engines is formatted" cargo fmt --all --check --manifest-path tests/engines/Cargo.toml
check "Rust without warnings (clippy)" cargo clippy --quiet --workspace --all-targets -- -D warnings
if command -v c++ >/dev/null; then
    check "fuzz targets compile" cargo check --quiet --manifest-path tests/fuzz/Cargo.toml
else
    skip "fuzz targets: their fuzzer needs a C++ compiler"
fi
if rustup target list --installed | grep -qx "$android" || quietly rustup-target rustup target add "$android"; then
    check "Rust compiles for phones ($android)" android_target
else
    skip "Rust for phones: the target $android could not be installed"
fi
check "Kotlin style (ktlint)" ktlint
check "generated files are up to date" generated_files
if cargo_deny; then
    check "licences and sources of dependencies (cargo-deny)" cargo deny check licenses bans sources
    check "licences and sources of the other engines" cargo deny --manifest-path tests/engines/Cargo.toml \
        --config tests/engines/deny.toml check licenses bans sources
else
    skip "licences of dependencies: cargo-deny is not installed (cargo install cargo-deny --locked)"
fi
check "shell scripts" shell_scripts
[ "${#findings[@]}" -eq 0 ] || die "lint: ${#findings[@]} checks found something"
say "lint: nothing found"
