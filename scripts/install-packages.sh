#!/usr/bin/env bash
# Installs the Debian packages of commands that are not here: install-packages.sh <command:package…>
# Says what to do, and fails, where it cannot.
set -euo pipefail
. "$(dirname "$0")/environment.sh"

mapfile -t packages < <(
    for tool in "$@"; do
        command -v "${tool%%:*}" >/dev/null || echo "${tool#*:}"
    done | sort -u
)
[ "${#packages[@]}" -gt 0 ] || exit 0
by_hand="apt-get install ${packages[*]}"
command -v apt-get >/dev/null ||
    die "These tools are missing, and this is no Debian on which they could be installed (named as Debian does): ${packages[*]}"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || die "These packages are missing; as root, run: $by_hand"
    as_root=(sudo)
fi
say "Installing the Debian packages ${packages[*]}"
install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${packages[@]}")
# Lists that are absent name nothing, and old ones name versions that are gone.
if compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null && "${install[@]}" >/dev/null 2>&1 </dev/null; then
    exit 0
fi
quietly apt-update "${as_root[@]}" apt-get update || die "The lists of Debian packages could not be fetched."
quietly apt-install "${install[@]}" || die "Not installed. As root, run: $by_hand"
