#!/usr/bin/env bash
# Runs the public TUF conformance suite against the client: conformance.sh <a checkout of the suite>
set -euo pipefail
. "$(dirname "$0")/environment.sh"

readonly source=https://github.com/theupdateframework/tuf-conformance
readonly environment=$root/target/conformance

[ -n "${1:-}" ] || die "Get the suite and say where it is: git clone $source <folder>, then make conformance SUITE=<folder>"
suite=$(cd "$1" 2>/dev/null && pwd) || die "There is no folder $1."
readonly suite
[ -f "$suite/tuf_conformance/conftest.py" ] || die "$suite is no checkout of $source."

# Some tests run the client at another time; that works because it is linked dynamically.
if ! command -v faketime >/dev/null; then
    as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    { command -v apt-get >/dev/null && quietly faketime "${as_root[@]}" apt-get install -y --no-install-recommends faketime; } ||
        die "The program faketime is missing; Debian's package has that name, too."
fi

say "Setting up the suite …"
cd "$root"
[ -x "$environment/bin/python" ] || quietly conformance-python python3 -m venv "$environment"
mapfile -t requirements < <("$environment/bin/python" -c '
import sys, tomllib
print(*tomllib.load(open(sys.argv[1], "rb"))["project"]["dependencies"], sep="\n")' "$suite/pyproject.toml")
quietly conformance-packages "$environment/bin/python" -m pip install "${requirements[@]}"
quietly conformance-build cargo build -p sluis-tests --bin conformance_client

commit=$(git -C "$suite" rev-parse HEAD 2>/dev/null) || commit=unknown
say "The suite of commit $commit:"
cd "$suite"
# Nothing is written into the checkout.
PYTHONDONTWRITEBYTECODE=1 "$environment/bin/python" -m pytest -p no:cacheprovider -q tuf_conformance \
    --entrypoint "$root/target/debug/conformance_client"
