#!/usr/bin/env bash
# Installs what the build needs and is not there: prepare.sh <Android API levels that will run…>
set -euo pipefail
. "$(dirname "$0")/environment.sh"

# Command and the Debian package that has it.
readonly tools=(
    cc:gcc java:default-jdk-headless javac:default-jdk-headless mvn:maven
    aapt2:aapt zipalign:zipalign apksigner:apksigner zip:zip unzip:unzip
)

check_java() {
    local version
    version=$(javac -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p')
    [ "${version:-0}" -ge 17 ] || die "A JDK of version 17 or newer is needed; javac says: $(javac -version 2>&1)"
}

install_rust() {
    local channel
    command -v rustup >/dev/null || die "Rust is missing: install rustup as https://rustup.rs says."
    channel=$(sed -n 's/^channel = "\(.*\)"/\1/p' "$root/rust-toolchain.toml")
    if ! (cd "$root" && cargo --version && cargo fmt --version && cargo clippy --version) >/dev/null 2>&1; then
        say "Installing Rust $channel"
        quietly rustup rustup toolchain install "$channel" --profile minimal --component rustfmt --component clippy ||
            die "Rust $channel could not be installed."
    fi
}

# Each Android that can be simulated: its API level, how its jars' versions begin, their megabytes.
readonly androids=(26:8.0.0_r4:91 28:9:115 30:11:122 33:13:156 34:14:145 35:15:192 36:16:204)
# The framework to compile against, the one for resources, what draws screens, Kotlin's compiler and the rest.
readonly megabytes_besides=600

# What Maven is about to fetch, so that a long silence does not look like a fault.
announce_downloads() {
    local jars=${MAVEN_REPOSITORY:-$HOME/.m2/repository}/org/robolectric api android release megabytes total=0
    [ -d "$jars/nativeruntime-dist-compat" ] || total=$megabytes_besides
    for api in "$@"; do
        android=$(printf '%s\n' "${androids[@]}" | grep "^$api:") ||
            die "Android of API level $api cannot be simulated; these can: $(printf '%s ' "${androids[@]%%:*}")"
        IFS=: read -r _ release megabytes <<<"$android"
        compgen -G "$jars/android-all-instrumented/$release-*/*.jar" >/dev/null || total=$((total + megabytes))
    done
    [ "$total" -eq 0 ] || say "Maven will fetch about $total MB, once."
}

"$root/scripts/install-packages.sh" "${tools[@]}"
check_java
install_rust
announce_downloads "$@"
