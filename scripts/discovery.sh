#!/usr/bin/env bash
# Gets the description of the Android Management API against which exported policies are tested, once.
set -euo pipefail
. "$(dirname "$0")/environment.sh"

# The package of Google's client for Python carries the descriptions of all its interfaces.
readonly package=google-api-python-client==2.202.0
readonly document=googleapiclient/discovery_cache/documents/androidmanagement.v1.json
readonly target=$root/target/discovery/androidmanagement.v1.json

[ ! -s "$target" ] || exit 0
mkdir -p "${target%/*}"
download=$(mktemp -d)
trap 'rm -rf "$download"' EXIT
quietly discovery python3 -m pip download --no-deps --dest "$download" "$package"
python3 -c '
import sys, zipfile
sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))' "$download"/*.whl "$document" >"$target.new"
mv "$target.new" "$target"
