# shellcheck shell=bash
# Read by the other scripts: where things are, and how they speak.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly root
# shellcheck disable=SC2034
readonly app=$root/android-app
readonly logs=$root/target/logs
# Always here, whatever the caller's habits are: the tests, the demo and the README name what is in it.
export CARGO_TARGET_DIR=$root/target

say() { echo "$*"; }

die() {
    echo "$*" >&2
    exit 1
}

# quietly <log> <command…>: runs it with its output in that log; the end of it is shown when it fails
quietly() {
    local log=$logs/$1.log
    shift
    mkdir -p "$logs"
    if ! "$@" >"$log" 2>&1 </dev/null; then
        tail -n 60 "$log" >&2
        echo "The whole log: $log" >&2
        return 1
    fi
}
