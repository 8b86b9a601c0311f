# shellcheck shell=bash
# Read by the scripts that need other clients of The Update Framework: builds what is in tests/peers, and says where.

# The scripts that read this have read where things are.
# shellcheck disable=SC2154
readonly peers=$root/tests/peers
# A folder of their own: what they are made of is no part of the product.
readonly peers_target=$root/target/peers
readonly peers_venv=$peers_target/python

cargo_peers() {
    # From there, so that no setting for the product's workspace is read.
    (cd "$peers" && CARGO_TARGET_DIR=$peers_target cargo "$@")
}

# Made anew when the pinned versions change.
python_peers() {
    local pins=$peers/python/requirements.txt
    cmp -s "$pins" "$peers_venv/installed.txt" && return
    rm -rf "$peers_venv"
    python3 -m venv "$peers_venv" &&
        "$peers_venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$pins" &&
        cp "$pins" "$peers_venv/installed.txt"
}

# Sets what the programs of tests/peers read. Fails, with the end of a log, where something cannot be built here.
prepare_peers() {
    say "Building the other clients (tough, sigstore-tuf, python-tuf), the first time for some minutes …"
    quietly peers-python python_peers || return 1
    quietly peers-cargo cargo_peers build --release --locked -p peer-tough -p peer-sigstore || return 1
    quietly peers-sluis cargo build --release -p sluis-cli -p sluis-tests --bin sluis --bin canonical || return 1
    export SLUIS=$root/target/release PEERS=$peers_target/release PEERS_PYTHON=$peers_venv/bin/python
}
