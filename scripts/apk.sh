#!/usr/bin/env bash
# Builds and inspects android-app/target/apk/sluis.apk.
set -euo pipefail
. "$(dirname "$0")/environment.sh"
cd "$root"

scripts/prepare.sh
say "Compiling the app …"
(cd android-app && quietly apk-kotlin "$root/scripts/maven.sh" compile)
android-app/apk.sh
say "built: android-app/target/apk/sluis.apk (signed with a debug key)"
