#!/usr/bin/env bash
# Compiles the app and its tests, unless nothing changed since, and leaves the class path of the tests' dependencies in
# android-app/target/test.classpath: compile-app.sh <Android API levels, comma-separated>
set -euo pipefail
. "$(dirname "$0")/environment.sh"

readonly sdks=$1
readonly stamp=$app/target/compiled.inputs
cd "$app"

inputs=$({
    echo "$sdks"
    find pom.xml src -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
} | sha256sum)
[ "$inputs" != "$(cat "$stamp" 2>/dev/null)" ] || exit 0
rm -f "$stamp"
"$root/scripts/maven.sh" "-Dsdks=$sdks" test-compile dependency:build-classpath -DincludeScope=test \
    -Dmdep.outputFile="$app/target/test.classpath"
echo "$inputs" >"$stamp"
