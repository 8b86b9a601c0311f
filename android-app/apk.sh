#!/usr/bin/env bash
# apk.sh:        builds target/apk/sluis.apk from the compiled classes in target/classes: shrunk, aligned, signed with a
#                debug key, inspected.
# apk.sh shrunk: only target/shrunk/agent.jar, the same classes shrunk by the same rules for a JVM, so that tests can run
#                on what the shrinker leaves. Kotlin's library stays outside, whole: the tests need it, too.
# The native library is built for ABIS (default: arm64-v8a) when ANDROID_NDK_HOME names an NDK.
set -euo pipefail
cd "$(dirname "$0")"

readonly r8_version=9.5.28
readonly min_sdk=26 target_sdk=35
readonly framework=15-robolectric-13954326
# aapt2 2.19 cannot read the resource table of API 35; the app uses no resource that is newer than 34.
readonly framework_resources=14-robolectric-10818077
readonly repository=${MAVEN_REPOSITORY:-$HOME/.m2/repository}
readonly out=target/apk

say() { echo "apk: $*"; }
die() { echo "apk: $*" >&2; exit 1; }

# The path of a jar in the local Maven repository, fetched when it is not there: artifact <group> <name> <version>
artifact() {
    local path="$repository/${1//.//}/$2/$3/$2-$3.jar"
    [ -f "$path" ] || ../scripts/maven.sh dependency:get -Dartifact="$1:$2:$3" -Dtransitive=false >&2
    echo "$path"
}

check_tools() {
    local tool
    for tool in aapt2 zipalign apksigner zip unzip java javac keytool mvn; do
        command -v "$tool" >/dev/null || die "$tool is missing (Debian: apt install aapt zipalign apksigner zip unzip maven default-jdk)"
    done
    [ -d target/classes/nl/sluis/agent ] || die "target/classes has no classes: compile first (mvn compile)"
}

link_resources() {
    aapt2 compile --dir src/main/res -o "$out/resources.zip"
    # aapt2 mentions a chunk of the framework's table that it does not know and does not need.
    aapt2 link -I "$(artifact org.robolectric android-all "$framework_resources")" \
        --manifest src/main/AndroidManifest.xml --proguard "$out/manifest.pro" \
        --min-sdk-version "$min_sdk" --target-sdk-version "$target_sdk" \
        -o "$out/unaligned.apk" "$out/resources.zip" 2> >(grep -v "Unknown chunk type" >&2)
}

# What the shrinker works on: our classes, those that they need, and what of ours the manifest names.
prepare_classes() {
    rm -f "$out/classes.jar"
    # Without time stamps, so that the same classes make the same jar.
    (cd target/classes && find nl -name '*.class' | LC_ALL=C sort | TZ=UTC zip -qX@ ../apk/classes.jar)
    ../scripts/maven.sh dependency:build-classpath -DincludeScope=runtime -Dmdep.outputFile="$PWD/$out/libraries" >/dev/null
}

# shrink <output> <"" or --classpath, if the libraries stay outside> <more options of R8>; left out when neither the
# classes nor the rules have changed since
shrink() {
    local output=$1 beside=$2 libraries library fingerprint inputs=("$out/classes.jar")
    shift 2
    fingerprint=$(echo "$r8_version $beside $*" | cat - "$out/libraries" rules.pro "$out/manifest.pro" \
        <(cd target/classes && find nl -name '*.class' -exec sha256sum {} + | LC_ALL=C sort) | sha256sum)
    [ "$fingerprint" != "$(cat "$output.inputs" 2>/dev/null)" ] || return 0
    mapfile -t -d : libraries < <(tr -d '\n' <"$out/libraries")
    for library in "${libraries[@]}"; do inputs+=(${beside:+"$beside"} "$library"); done
    mkdir -p "$(dirname "$output")"
    java -cp "$(artifact com.android.tools r8 "$r8_version")" com.android.tools.r8.R8 --release --no-data-resources "$@" \
        --pg-conf rules.pro --pg-conf "$out/manifest.pro" --output "$output" \
        --lib "$(artifact org.robolectric android-all "$framework")" \
        --lib "$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")" \
        "${inputs[@]}"
    echo "$fingerprint" >"$output.inputs"
}

# build_library <ABI>: puts libsluis.so for that ABI where the APK wants it
build_library() {
    local abi=$1 target clang tools
    case $abi in
        arm64-v8a) target=aarch64-linux-android clang=aarch64-linux-android$min_sdk-clang ;;
        armeabi-v7a) target=armv7-linux-androideabi clang=armv7a-linux-androideabi$min_sdk-clang ;;
        x86_64) target=x86_64-linux-android clang=x86_64-linux-android$min_sdk-clang ;;
        *) die "unknown ABI $abi (known: arm64-v8a armeabi-v7a x86_64)" ;;
    esac
    tools=$(echo "$ANDROID_NDK_HOME"/toolchains/llvm/prebuilt/*/bin)
    [ -x "$tools/$clang" ] || die "no $clang in $tools: is ANDROID_NDK_HOME an NDK?"
    local underscored=${target//-/_}
    rustup target add "$target"
    # Phones with pages of 16 KiB load only libraries that are aligned to that.
    env "CC_$underscored=$tools/$clang" "AR_$underscored=$tools/llvm-ar" \
        "CARGO_TARGET_${underscored^^}_LINKER=$tools/$clang" \
        "CARGO_TARGET_${underscored^^}_RUSTFLAGS=-C link-arg=-Wl,-z,max-page-size=16384" \
        cargo build --manifest-path ../Cargo.toml -p sluis-bridge --profile phone --target "$target"
    mkdir -p "$out/lib/$abi"
    cp "../target/$target/phone/libsluis.so" "$out/lib/$abi/"
}

build_libraries() {
    local abi
    rm -rf "${out:?}/lib"
    if [ -z "${ANDROID_NDK_HOME:-}" ]; then
        say "ANDROID_NDK_HOME is not set: the APK is built without the native library and cannot enforce anything"
        return
    fi
    for abi in ${ABIS:-arm64-v8a}; do build_library "$abi"; done
}

assemble() {
    unzip -qo "$out/dex.zip" classes.dex -d "$out"
    zip -qj "$out/unaligned.apk" "$out/classes.dex"
    # Stored, not deflated: the system maps the library straight from the APK.
    [ ! -d "$out/lib" ] || (cd "$out" && zip -qrD -0 unaligned.apk lib)
    zipalign -f 16384 "$out/unaligned.apk" "$out/aligned.apk"
}

sign() {
    local key=target/debug.p12
    [ -f "$key" ] || keytool -genkeypair -keystore "$key" -storepass debug-only -alias debug -keyalg EC \
        -dname CN=debug -validity 10000 >/dev/null 2>&1
    apksigner sign --ks "$key" --ks-pass pass:debug-only --v1-signing-enabled false --v2-signing-enabled true \
        --v3-signing-enabled true --out "$out/sluis.apk" "$out/aligned.apk"
}

case ${1:-} in
    "" | shrunk) ;;
    *) die "unknown argument $1" ;;
esac
check_tools
mkdir -p "$out"
link_resources
prepare_classes
if [ "${1:-}" = shrunk ]; then
    shrink target/shrunk/agent.jar --classpath --classfile
else
    shrink "$out/dex.zip" "" --min-api "$min_sdk"
    build_libraries
    assemble
    sign
    ./inspect.sh "$out/sluis.apk" ../docs/permissions.md
fi
