#!/usr/bin/env bash
# All tests, with totals on the last lines. Everything is run even when something before it failed.
set -euo pipefail
. "$(dirname "$0")/environment.sh"
cd "$root"

# What phones run is what is tested: the release library and the tool that administrators get.
readonly sdks=26,34,35
readonly rust_log=$logs/test-rust.log kotlin_log=$logs/test-kotlin.log
passed=0 failed=0

# count <name> <passed> <failed> <whether the run succeeded>: a run that broke without a failed test is a failure, too
count() {
    local bad=$3
    if [ "$4" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
    passed=$((passed + $2)) failed=$((failed + bad))
    say "$1: $2 passed, $bad failed"
}

test_rust() {
    local status=0
    say "Testing the Rust crates …"
    cargo test --workspace --no-fail-fast >"$rust_log" 2>&1 </dev/null || status=$?
    if [ "$status" -ne 0 ]; then
        grep -E -A 20 '^(error|warning: unused|---- .* stdout|test .* FAILED)' "$rust_log" || tail -n 60 "$rust_log"
        say "The whole log: $rust_log"
    fi
    rust_status=$status
    read -r rust_passed rust_failed < <(awk '/^test result:/ { p += $4; f += $6 } END { print p + 0, f + 0 }' "$rust_log")
}

test_kotlin() {
    local status=0
    say "Testing the app on simulated phones, Android API $sdks …"
    rm -rf "$app/target/surefire-reports"
    (cd "$app" && "$root/scripts/maven.sh" "-Dsdks=$sdks" "-Dsluis.library=$root/target/release/libsluis.so" \
        "-Dsluis.cli=$root/target/release/sluis" test dependency:build-classpath -DincludeScope=test \
        -Dmdep.outputFile="$app/target/test.classpath") >"$kotlin_log" 2>&1 </dev/null || status=$?
    if [ "$status" -ne 0 ]; then
        grep -E -A 6 '^\[ERROR\]' "$kotlin_log" | head -n 150 || tail -n 60 "$kotlin_log"
        tail -n 8 "$kotlin_log"
        say "The whole log: $kotlin_log"
    fi
    kotlin_status=$status
    read -r kotlin_passed kotlin_failed < <(cat "$app"/target/surefire-reports/TEST-*.xml 2>/dev/null | awk '
        function number(name) { return match($0, " " name "=\"[0-9]+\"") ? substr($0, RSTART + length(name) + 3) + 0 : 0 }
        /<testsuite / { open = 1 }
        open {
            tests += number("tests"); bad += number("errors") + number("failures"); skipped += number("skipped")
            if (/>/) open = 0
        }
        END { print tests - bad - skipped + 0, bad + 0 }')
}

# The keep rules are right when the app still does its job on what the shrinker leaves.
test_shrunk() {
    shrunk_status=1
    if [ $((kotlin_passed + kotlin_failed)) -eq 0 ]; then
        say "The app did not compile: there is nothing to shrink."
        return
    fi
    say "Telling the story on the shrunk classes, Android API 35 …"
    shrunk_status=0
    { quietly shrunk-classes android-app/apk.sh shrunk &&
        CLASSES=$app/target/shrunk/agent.jar STORY_OPTIONS="-Dsluis.shrunk=true -Djava.library.path=$root/target/release" \
            quietly shrunk-story scripts/story.sh 35 "$root/target/shrunk-pictures" "$logs/shrunk-framework.log"; } ||
        shrunk_status=$?
}

mkdir -p "$logs"
scripts/prepare.sh ${sdks//,/ }
# Without it one test is left out, which says so; not where a change is judged.
[ -z "${CI:-}" ] || scripts/discovery.sh
say "Building the library and the administrator's tool …"
quietly test-build cargo build --release -p sluis-cli -p sluis-bridge
test_rust
test_kotlin
test_shrunk
say ""
count Rust "$rust_passed" "$rust_failed" "$rust_status"
count Kotlin "$kotlin_passed" "$kotlin_failed" "$kotlin_status"
count "Shrunk classes" $((shrunk_status == 0)) $((shrunk_status != 0)) "$shrunk_status"
say "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$rust_passed" -gt 0 ] && [ "$kotlin_passed" -gt 0 ]
