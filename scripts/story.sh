#!/usr/bin/env bash
# Tells the story on simulated phones: story.sh <Android API levels, comma-separated> <folder for pictures> <log>
# CLASSES replaces the app's classes, e.g. by those that the shrinker left; more options for Java stand in STORY_OPTIONS.
set -euo pipefail
. "$(dirname "$0")/environment.sh"

readonly sdks=$1 pictures=$2 log=$3
readonly target=$app/target

# A Java that can run Android 16, which needs 21 or newer.
newer_java() {
    local java version
    for java in "${JAVA_HOME:-/nowhere}/bin/java" java /usr/lib/jvm/*/bin/java; do
        command -v "$java" >/dev/null || continue
        version=$("$java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')
        if [ "${version:-0}" -ge 21 ]; then
            echo "$java"
            return
        fi
    done
    die "Android 16 (API 36) needs a JDK of version 21 or newer, and neither JAVA_HOME, the PATH nor /usr/lib/jvm has one (Debian: openjdk-21-jdk-headless, or https://adoptium.net)."
}

case ,$sdks, in
    *,36,*) java=$(newer_java) ;;
    *) java=${JAVA_HOME:+$JAVA_HOME/bin/}java ;;
esac

mkdir -p "$pictures" "$(dirname "$log")"
rm -rf "$target/phones"
class_path=$target/test-classes:${CLASSES:-$target/classes}:$(cat "$target/test.classpath")
class_path+=:$target/aar/monitor/classes.jar:$target/aar/idling/classes.jar
read -ra options <<<"${STORY_OPTIONS:-}"
# The same properties as the tests get from the pom; what the JVM itself says goes to a log of its own. A story is over
# before the optimising compiler pays for itself: without it, it takes half as long.
ANDROID_DATA=$target/data "$java" -Xmx3g -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$class_path" \
    -Drobolectric.enabledSdks="$sdks" -Drobolectric.offline=true -Drobolectric.dependency.dir="$target/android" \
    -Drobolectric.graphicsMode=NATIVE \
    -Dsluis.library="$root/target/release/libsluis.so" -Dsluis.cli="$root/target/release/sluis" \
    -Dsluis.scratch="$target/phones" -Dsluis.project="$root" -Dsluis.pictures="$pictures" \
    "${options[@]}" nl.sluis.story.DemoKt "$log" 2>"$log.jvm"
