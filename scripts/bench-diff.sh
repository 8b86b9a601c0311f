#!/usr/bin/env bash
# Measures `sluis diff` on phones that do not exist: packages a second for each processor in use, and the most memory.
# The phones go through a pipe, so that no file of ten gigabytes is needed: scripts/bench-diff.sh [PHONES]
set -euo pipefail
cd "$(dirname "$0")/.."
phones="${1:-100000}"
packages=400
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT

cargo build --quiet --release -p sluis-cli --bin sluis
cargo build --quiet --release -p sluis-tests --bin fleet
target/release/fleet policies "$folder"

measure() {
    python3 - "$1" "$folder" "$phones" "$packages" "${@:2}" <<'PYTHON'
import os, subprocess, sys, time
what, folder, phones, packages, *options = sys.argv[1:]
fleet = subprocess.Popen(["target/release/fleet", "phones", "--phones", phones, "--packages", packages,
                          *options], stdout=subprocess.PIPE)
begun = time.monotonic()
diff = subprocess.Popen(["target/release/sluis", "diff", f"{folder}/before.json", f"{folder}/after.json",
                         "--inventory", "-", "--format", "json", "--at", "2026-01-01T00:00:00Z"],
                        stdin=fleet.stdout, stdout=subprocess.DEVNULL)
fleet.stdout.close()
_, status, usage = os.wait4(diff.pid, 0)
took = time.monotonic() - begun
fleet.wait()
if os.waitstatus_to_exitcode(status) != 1:
    sys.exit("sluis diff did not find the changes")
judged = int(phones) * int(packages)
processor = usage.ru_utime + usage.ru_stime
print(f"| {what} | {judged / processor / 1e6:.2f} million | {processor:.1f} s | {took:.1f} s "
      f"| {usage.ru_maxrss / 1024:.0f} MiB |")
PYTHON
}

echo "| $phones phones with $packages packages each | packages a second a core | processor time | by the clock | most memory |"
echo "|---|---|---|---|---|"
measure "as \`sluis inventory --json\` writes them"
measure "with user ids, which differ from phone to phone" --uid
