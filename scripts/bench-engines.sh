#!/usr/bin/env bash
# Times Sluis against other policy engines: bench-engines.sh <seconds for each engine, 10 if left out>
set -euo pipefail
. "$(dirname "$0")/environment.sh"
cd "$root"

# A folder of their own: what they are made of is no part of the product.
build() { (cd tests/engines && CARGO_TARGET_DIR=$root/target/engines cargo build --release --locked); }

say "Building the other policy engines (Cedar, regorus, CEL), the first time for some minutes …"
if ! quietly engines build; then
    say "Sluis was not timed against other policy engines: these could not be built here, see above."
    exit 0
fi
target/engines/release/engines "${1:-10}"
