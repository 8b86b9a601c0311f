#!/usr/bin/env bash
# mvn, without the network where the local repository has all that is needed, else with it: maven.sh <arguments of mvn>
# MAVEN_PROFILE names a profile of the pom, e.g. google.
set -euo pipefail

log=$(mktemp)
readonly log
trap 'rm -f "$log"' EXIT
readonly maven=(mvn -q -B -Dstyle.color=never ${MAVEN_PROFILE:+-P "$MAVEN_PROFILE"})

if "${maven[@]}" -o "$@" >"$log" 2>&1; then
    cat "$log"
    exit 0
fi
# The second is what an empty local repository says of a plugin that is called by its prefix.
if ! grep -q -e 'offline mode' -e 'No plugin found for prefix' -e 'has not been downloaded from it before' "$log"; then
    cat "$log"
    exit 1
fi

status=0
"${maven[@]}" "$@" 2>&1 | tee "$log" || status=$?
if [ "$status" -ne 0 ] && grep -E 'Could not (find|resolve|transfer)' "$log" | grep -q -e androidx -e 'com.android.tools'; then
    cat <<'TEXT'

Your Maven registry does not have the artifacts that Google publishes on its own (androidx.test, R8).
Fetch them from Google's registry: add MAVEN_PROFILE=google, for example

    make test MAVEN_PROFILE=google
TEXT
fi
exit "$status"
