"""A repository made by python-tuf: author.py OUT FILES --keys KIND ...

Publishes the files that lie in FILES. Where there are delegations, policy.json is found through them only. With
--rotate, the repository is copied to a folder, and then a second root replaces every key and all is signed anew.
"""

import argparse
import hashlib
import shutil
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    SuccinctRoles,
    TargetFile,
    Targets,
    Timestamp,
)

POLICY = "policy.json"
TOP = ["root", "targets", "snapshot", "timestamp"]
EXPIRES = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=1)


def signer(kind: str) -> CryptoSigner:
    if kind == "ed25519":
        return CryptoSigner(ed25519.Ed25519PrivateKey.generate())
    if kind == "ecdsa":
        return CryptoSigner(ec.generate_private_key(ec.SECP256R1()))
    return CryptoSigner(rsa.generate_private_key(public_exponent=65537, key_size=2048))


class Author:
    def __init__(self, arguments: argparse.Namespace):
        self.out: Path = arguments.out
        self.files: Path = arguments.files
        self.kinds: list[str] = arguments.keys.split(",")
        self.consistent: bool = arguments.consistent == "on"
        self.threshold: int = arguments.threshold
        self.delegation: str = arguments.delegation
        self.bare: bool = arguments.bare
        # Every role's metadata but the root's, by name.
        self.roles: dict[str, Metadata] = {}
        self.signers: dict[str, list[CryptoSigner]] = {}
        (self.out / "targets").mkdir(parents=True)

    def new_signers(self) -> list[CryptoSigner]:
        """As many as the threshold asks, of the kinds in turn."""
        return [signer(self.kinds[n % len(self.kinds)]) for n in range(self.threshold)]

    def sign(self, role: str, metadata: Metadata) -> None:
        metadata.signatures.clear()
        for key in self.signers[role]:
            metadata.sign(key, append=True)

    def write(self, name: str, metadata: Metadata) -> None:
        content = metadata.to_bytes()
        prefix = f"{metadata.signed.version}." if self.consistent and name != "timestamp" else ""
        (self.out / f"{prefix}{name}.json").write_bytes(content)

    def publish_root(self, root: Root, before: list[CryptoSigner]) -> None:
        for role in TOP:
            for key in root.roles[role].keyids.copy():
                root.revoke_key(key, role)
            self.signers[role] = self.new_signers()
            for key in self.signers[role]:
                root.add_key(key.public_key, role)
            root.roles[role].threshold = self.threshold
        metadata = Metadata(root)
        for key in before + self.signers["root"]:
            metadata.sign(key, append=True)
        content = metadata.to_bytes()
        (self.out / f"{root.version}.root.json").write_bytes(content)
        if not self.consistent:
            (self.out / "root.json").write_bytes(content)

    def list_file(self, targets: Targets, name: str) -> None:
        content = (self.files / name).read_bytes()
        targets.targets[name] = TargetFile.from_data(name, content, ["sha256", "sha512"])
        path = Path(name)
        # python-tuf asks for the first hash that is listed.
        names = [name]
        if self.consistent:
            names = [
                str(path.with_name(f"{hashlib.new(algorithm, content).hexdigest()}.{path.name}"))
                for algorithm in ("sha256", "sha512")
            ]
        for published in names:
            destination = self.out / "targets" / published
            destination.parent.mkdir(parents=True, exist_ok=True)
            destination.write_bytes(content)

    def delegate(self, delegator: str, role: DelegatedRole, targets: Targets) -> Targets:
        """Makes the role below the delegator; the answer is the new role's own content."""
        self.signers[role.name] = self.new_signers()
        delegating = self.roles[delegator].signed if delegator in self.roles else targets
        if delegating.delegations is None:
            delegating.delegations = Delegations({}, roles={})
        delegating.delegations.roles[role.name] = role
        for key in self.signers[role.name]:
            delegating.add_key(key.public_key, role.name)
        role.threshold = self.threshold
        delegated = Targets(expires=EXPIRES)
        self.roles[role.name] = Metadata(delegated)
        return delegated

    def delegate_by_pattern(self, targets: Targets) -> None:
        """Two levels, below a role that matches but lists nothing, with a name that needs escaping in an address."""
        self.delegate("targets", DelegatedRole("empty", [], 1, False, ["*.json"]), targets)
        self.delegate("targets", DelegatedRole("beleid één", [], 1, True, ["poli*.json"]), targets)
        last = self.delegate("beleid één", DelegatedRole("last", [], 1, True, ["policy.???n"]), targets)
        self.list_file(last, POLICY)

    def delegate_by_hash(self, targets: Targets) -> None:
        """Sixteen bins by the first digit of the name's hash."""
        digest = hashlib.sha256(POLICY.encode()).hexdigest()
        for digit in "0123456789abcdef":
            role = DelegatedRole(f"bin-{digit}", [], 1, False, path_hash_prefixes=[digit])
            held = self.delegate("targets", role, targets)
            if digest.startswith(digit):
                self.list_file(held, POLICY)

    def delegate_succinctly(self, targets: Targets) -> None:
        """TAP 15: sixteen bins in one line."""
        keys = self.new_signers()
        bins = SuccinctRoles([], self.threshold, 4, "bin")
        targets.delegations = Delegations({}, succinct_roles=bins)
        for key in keys:
            targets.add_key(key.public_key)
        wanted = bins.get_role_for_target(POLICY)
        for name in bins.get_roles():
            self.signers[name] = keys
            held = Targets(expires=EXPIRES)
            self.roles[name] = Metadata(held)
            if name == wanted:
                self.list_file(held, POLICY)

    def fill(self, targets: Targets) -> None:
        for path in sorted(self.files.rglob("*")):
            name = str(path.relative_to(self.files))
            if path.is_file() and (name != POLICY or self.delegation == "none"):
                self.list_file(targets, name)
        if self.delegation == "patterns":
            self.delegate_by_pattern(targets)
        elif self.delegation == "hash-prefixes":
            self.delegate_by_hash(targets)
        elif self.delegation == "succinct":
            self.delegate_succinctly(targets)

    def description(self, metadata: Metadata) -> MetaFile:
        """Length and hashes are optional."""
        version = metadata.signed.version
        if self.bare:
            return MetaFile(version)
        return MetaFile.from_data(version, metadata.to_bytes(), ["sha256"])

    def publish(self) -> None:
        """Signs and writes all roles below the root, lowest first, each described by the next."""
        snapshot = Snapshot(version=self.roles["snapshot"].signed.version, expires=EXPIRES, meta={})
        below = [name for name in self.roles if name not in TOP or name == "targets"]
        for name in below:
            self.sign(name, self.roles[name])
            self.write(name, self.roles[name])
            snapshot.meta[f"{name}.json"] = self.description(self.roles[name])
        self.roles["snapshot"] = Metadata(snapshot)
        self.sign("snapshot", self.roles["snapshot"])
        self.write("snapshot", self.roles["snapshot"])
        timestamp = self.roles["timestamp"].signed
        timestamp.snapshot_meta = self.description(self.roles["snapshot"])
        self.sign("timestamp", self.roles["timestamp"])
        self.write("timestamp", self.roles["timestamp"])

    def run(self, rotate: Path | None) -> None:
        root = Root(expires=EXPIRES, consistent_snapshot=self.consistent)
        self.publish_root(root, [])
        targets = Targets(expires=EXPIRES)
        # A field that no client knows has to survive in what is verified.
        targets.unrecognized_fields["x-made-by"] = {"with": ["one", 2, None, True, "“quotes” \\ \""]}
        self.roles["targets"] = Metadata(targets)
        self.roles["snapshot"] = Metadata(Snapshot(expires=EXPIRES))
        self.roles["timestamp"] = Metadata(Timestamp(expires=EXPIRES))
        self.fill(targets)
        self.publish()
        if rotate:
            shutil.copytree(self.out, rotate)
            before = self.signers["root"]
            root.version += 1
            self.publish_root(root, before)
            for metadata in self.roles.values():
                metadata.signed.version += 1
            self.publish()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("files", type=Path)
    parser.add_argument("--keys", default="ed25519", help="kinds, separated by commas: ed25519, ecdsa, rsa")
    parser.add_argument("--consistent", choices=["on", "off"], default="on")
    parser.add_argument("--threshold", type=int, default=1)
    parser.add_argument(
        "--delegation", choices=["none", "patterns", "hash-prefixes", "succinct"], default="none"
    )
    parser.add_argument("--bare", action="store_true", help="leave out optional lengths and hashes")
    parser.add_argument("--rotate", type=Path, metavar="COPY")
    arguments = parser.parse_args()
    Author(arguments).run(arguments.rotate)


if __name__ == "__main__":
    main()
