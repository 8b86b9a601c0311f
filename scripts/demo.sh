#!/usr/bin/env bash
# The demo: demo.sh <Android API levels…>
set -euo pipefail
. "$(dirname "$0")/environment.sh"
cd "$root"

sdks=$(IFS=, && echo "$*")
readonly sdks
readonly pictures=$root/target/demo

say "Sluis keeps forbidden apps off phones. You will see a simulated phone obey two organisations:"
say "Android's own framework and device policy service, the app and the library as they ship, two signed feeds on a web server."
say ""
scripts/prepare.sh "$@"
say "Building the library and the administrator's tool (Rust) …"
quietly demo-rust cargo build --release -p sluis-cli -p sluis-bridge
say "Compiling the app and the simulated phone (Kotlin) …"
quietly demo-kotlin scripts/compile-app.sh "$sdks"
say "Starting the phones …"
rm -rf "$pictures"
status=0
scripts/story.sh "$sdks" "$pictures" "$logs/demo.log" || status=$?
if [ "$status" -ne 0 ]; then
    tail -n 40 "$logs/demo.log.jvm" "$logs/demo.log" >&2 || true
    exit "$status"
fi
say ""
say "What the employee sees:"
for picture in "$pictures"/*.png; do say "   ${picture#"$root"/}"; done
say "The administrator's tool: target/release/sluis --help"
