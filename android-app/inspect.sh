#!/usr/bin/env bash
# Inspects a built APK and fails on anything that must not go on a phone: inspect.sh <apk> <permissions.md>
set -euo pipefail

readonly apk=$1 permissions=$2
readonly max_bytes=$((2 * 1024 * 1024))
failures=0

good() { echo "  ok    $*"; }
bad() { echo "  FAIL  $*"; failures=$((failures + 1)); }
# expect <what> <wanted> <found>
expect() { if [ "$2" = "$3" ]; then good "$1"; else bad "$1: expected [${2//$'\n'/ }], found [${3//$'\n'/ }]"; fi; }

# The manifest as lines "<depth> <element> <attribute> <value>".
manifest=$(aapt2 dump xmltree --file AndroidManifest.xml "$apk" 2>/dev/null | awk '
    { match($0, /[^ ]/); depth = RSTART }
    $1 == "E:" { element = $2; at = depth }
    $1 == "A:" {
        text = $0; sub(/^ *A: (http[^ ]*android:)?/, "", text); sub(/ \(Raw: .*/, "", text)
        name = text; sub(/[(=].*/, "", name)
        value = text; sub(/^[^=]*=/, "", value); gsub(/"/, "", value)
        print at, element, name, value
    }')

# attribute <element> <name>: its values, one a line
attribute() { awk -v e="$1" -v a="$2" '$2 == e && $3 == a { print $4 }' <<<"$manifest"; }

# Every component that other apps can reach, with the permission that they need.
exported() {
    awk '
        function flush() { if (component && reachable != "false") print component, permission }
        $2 ~ /^(activity|activity-alias|receiver|service|provider)$/ {
            if ($3 == "name" && !($2 == "intent-filter")) { flush(); component = $4; permission = "-"; reachable = "unsaid" }
            if ($3 == "permission") permission = $4
            if ($3 == "exported") reachable = $4
        }
        END { flush() }' <<<"$manifest" | sort
}

echo "inspecting $(basename "$apk")"
expect "no backup" false "$(attribute application allowBackup)"
expect "no cleartext" false "$(attribute application usesCleartextTraffic)"
expect "not debuggable" "" "$(attribute application debuggable | grep -v false || true)"
expect "not for tests only" "" "$(attribute application testOnly | grep -v false || true)"
expect "library mapped from the APK" false "$(attribute application extractNativeLibs)"
for name in networkSecurityConfig dataExtractionRules fullBackupContent; do
    if [ -n "$(attribute application "$name")" ]; then good "$name"; else bad "$name is missing"; fi
done
expect "Android 8 and newer" 26 "$(attribute uses-sdk minSdkVersion)"
expect "made for Android 15" 35 "$(attribute uses-sdk targetSdkVersion)"
expect "permissions are those that $(basename "$permissions") explains" \
    "$(sed -n 's/^| `\(android\.permission\.[A-Z_]*\)` .*/\1/p' "$permissions" | sort)" \
    "$(attribute uses-permission name | sort)"
expect "exported components" ".AdminReceiver android.permission.BIND_DEVICE_ADMIN
.AgentService android.permission.BIND_DEVICE_ADMIN
.ComplianceActivity -
.GrantActivity -" "$(exported)"

contents=$(unzip -l "$apk" | awk 'NR > 3 { print $4 }')
expect "one dex file" "classes.dex" "$(grep '\.dex$' <<<"$contents" || true)"
libraries=$(grep '^lib/' <<<"$contents" || true)
if [ -n "$libraries" ]; then
    expect "only our library" "" "$(grep -v '/libsluis\.so$' <<<"$libraries" || true)"
    expect "stored, not deflated" "" "$(unzip -v "$apk" 'lib/*' | awk '/libsluis/ && $2 != "Stored"')"
fi
if zipalign -c 16384 "$apk" >/dev/null; then good "aligned to 16 KiB"; else bad "not aligned to 16 KiB"; fi

signature=$(apksigner verify --verbose --min-sdk-version 26 "$apk" 2>&1 || true)
for scheme in v2 v3; do
    if grep -q "Verified using $scheme scheme.*: true" <<<"$signature"; then good "signed ($scheme)"; else bad "not signed ($scheme)"; fi
done

size=$(stat -c %s "$apk")
if [ "$size" -le "$max_bytes" ]; then good "$size bytes"; else bad "$size bytes, more than $max_bytes"; fi
[ "$failures" -eq 0 ] || { echo "$failures things are wrong with $apk" >&2; exit 1; }
