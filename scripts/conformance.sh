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

cd "$root"
# Some tests run the client at another time; that works because it is linked dynamically.
scripts/install-packages.sh faketime:faketime

say "Setting up the suite …"
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
