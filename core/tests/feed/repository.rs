//! A repository in memory, whose author can do anything that a thief of its keys could.

use std::collections::BTreeMap;

use ring::digest::{SHA256, digest};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use sluis_core::feed::canonical::canonical;
use sluis_core::feed::{hex, rfc3339};
use sluis_policy::json::{Limits, parse};

/// When the tests' first day begins, in seconds since 1970.
pub(crate) const DAY_0: i64 = 1_795_392_000;
pub(crate) const DAY: i64 = 86_400;

/// A key pair with the id that metadata lists it under.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    seed: u8,
    pub(crate) id: String,
}

impl Key {
    /// The same seed gives the same key.
    pub(crate) fn new(seed: u8) -> Self {
        let mut key = Self {
            seed,
            id: String::new(),
        };
        key.id = sha256(&canonical_form(&key.public()));
        key
    }

    /// The same key under another id.
    pub(crate) fn called(mut self, id: &str) -> Self {
        self.id = id.into();
        self
    }

    pub(crate) fn public(&self) -> Value {
        let public = hex::encode(self.pair().public_key().as_ref());
        json!({ "keytype": "ed25519", "scheme": "ed25519", "keyval": { "public": public } })
    }

    pub(crate) fn signature(&self, signed: &Value) -> Value {
        let signature = self.pair().sign(&canonical_form(signed));
        json!({ "keyid": self.id, "sig": hex::encode(signature.as_ref()) })
    }

    fn pair(&self) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[self.seed; 32]).unwrap()
    }
}

/// Who signs for a role.
#[derive(Debug)]
pub(crate) struct Signers {
    pub(crate) keys: Vec<Key>,
    pub(crate) threshold: i64,
}

impl Signers {
    pub(crate) fn one(seed: u8) -> Self {
        Self {
            keys: vec![Key::new(seed)],
            threshold: 1,
        }
    }
}

/// All that the author decides; [`Repository::publish`] makes files of it.
#[derive(Debug)]
pub(crate) struct Repository {
    /// What a server serves, by path.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) root: Signers,
    pub(crate) timestamp: Signers,
    pub(crate) snapshot: Signers,
    pub(crate) targets: Signers,
    pub(crate) root_version: i64,
    pub(crate) timestamp_version: i64,
    pub(crate) snapshot_version: i64,
    pub(crate) targets_version: i64,
    pub(crate) root_expires: i64,
    pub(crate) timestamp_expires: i64,
    pub(crate) snapshot_expires: i64,
    pub(crate) targets_expires: i64,
    pub(crate) issued: Option<i64>,
    pub(crate) consistent_snapshot: bool,
    /// Whether timestamp and snapshot list lengths and hashes.
    pub(crate) hashes: bool,
    /// Other roles that the snapshot lists, with their versions.
    pub(crate) delegated: BTreeMap<String, i64>,
    /// Target files.
    pub(crate) content: BTreeMap<String, Vec<u8>>,
    /// Fields that every `signed` gets besides its own.
    pub(crate) extra: Value,
}

impl Repository {
    /// A repository as `sluis feed` makes it, with nothing published yet but its root.
    pub(crate) fn unpublished() -> Self {
        let mut repository = Self {
            files: BTreeMap::new(),
            root: Signers::one(1),
            timestamp: Signers::one(2),
            snapshot: Signers::one(3),
            targets: Signers::one(4),
            root_version: 1,
            timestamp_version: 0,
            snapshot_version: 0,
            targets_version: 0,
            root_expires: DAY_0 + 365 * DAY,
            timestamp_expires: DAY_0 + 7 * DAY,
            snapshot_expires: DAY_0 + 30 * DAY,
            targets_expires: DAY_0 + 90 * DAY,
            issued: Some(DAY_0),
            consistent_snapshot: true,
            hashes: true,
            delegated: BTreeMap::new(),
            content: BTreeMap::from([
                ("policy.json".into(), b"{\"policy\":1}".to_vec()),
                ("catalogue.json".into(), b"{\"catalogue\":1}".to_vec()),
            ]),
            extra: json!({}),
        };
        repository.write_root();
        repository
    }

    /// A repository with a first publication.
    pub(crate) fn new() -> Self {
        let mut repository = Self::unpublished();
        repository.publish();
        repository
    }

    /// A repository at the same version everywhere, 5: there is something to roll back to.
    pub(crate) fn at_version_5() -> Self {
        let mut repository = Self::unpublished();
        (
            repository.timestamp_version,
            repository.snapshot_version,
            repository.targets_version,
        ) = (4, 4, 4);
        repository.publish();
        repository
    }

    /// Publishes the next version of everything but the root.
    pub(crate) fn publish(&mut self) {
        self.targets_version += 1;
        self.snapshot_version += 1;
        self.timestamp_version += 1;
        self.write();
    }

    /// Publishes another policy.
    pub(crate) fn publish_policy(&mut self, policy: &str) {
        self.content.insert("policy.json".into(), policy.into());
        self.publish();
    }

    /// Writes everything but the root at the versions that are set.
    pub(crate) fn write(&mut self) {
        self.write_targets();
        self.write_snapshot();
        self.write_timestamp();
    }

    /// SHA-256 of the first root.
    pub(crate) fn pin(&self) -> [u8; 32] {
        digest(&SHA256, &self.files["1.root.json"])
            .as_ref()
            .try_into()
            .unwrap()
    }

    /// The root's signed part, at the version that is set.
    pub(crate) fn root_signed(&self) -> Value {
        let roles = self.roles();
        let keys: Value = roles
            .iter()
            .flat_map(|(_, signers)| &signers.keys)
            .map(|key| (key.id.clone(), key.public()))
            .collect();
        let roles: Value = roles
            .iter()
            .map(|(name, signers)| {
                let ids: Vec<&str> = signers.keys.iter().map(|key| key.id.as_str()).collect();
                (
                    (*name).to_owned(),
                    json!({ "keyids": ids, "threshold": signers.threshold }),
                )
            })
            .collect();
        self.signed(
            "root",
            self.root_version,
            self.root_expires,
            json!({ "consistent_snapshot": self.consistent_snapshot, "keys": keys, "roles": roles }),
        )
    }

    fn roles(&self) -> [(&'static str, &Signers); 4] {
        [
            ("root", &self.root),
            ("timestamp", &self.timestamp),
            ("snapshot", &self.snapshot),
            ("targets", &self.targets),
        ]
    }

    pub(crate) fn write_root(&mut self) {
        let signed = self.root_signed();
        self.put_root(file(&signed, &self.root.keys));
    }

    /// The next root, signed by its own keys and those of the root before it.
    pub(crate) fn rotate(&mut self, change: impl FnOnce(&mut Self)) {
        let mut signers = self.root.keys.clone();
        change(self);
        self.root_version += 1;
        for key in &self.root.keys {
            if signers.iter().all(|other| other.id != key.id) {
                signers.push(key.clone());
            }
        }
        let signed = self.root_signed();
        self.put_root(file(&signed, &signers));
    }

    pub(crate) fn put_root(&mut self, bytes: Vec<u8>) {
        self.files
            .insert(format!("{}.root.json", self.root_version), bytes);
    }

    pub(crate) fn write_targets(&mut self) {
        let mut listed = json!({});
        for (name, bytes) in &self.content {
            let sha256 = sha256(bytes);
            let path = match self.consistent_snapshot {
                true => format!("targets/{sha256}.{name}"),
                false => format!("targets/{name}"),
            };
            self.files.insert(path, bytes.clone());
            listed[name] = json!({ "length": bytes.len(), "hashes": { "sha256": sha256 } });
        }
        let own = json!({ "targets": listed });
        let signed = self.signed("targets", self.targets_version, self.targets_expires, own);
        self.put_targets(file(&signed, &self.targets.keys));
    }

    pub(crate) fn put_targets(&mut self, bytes: Vec<u8>) {
        let path = self.path("targets", self.targets_version);
        self.files.insert(path, bytes);
    }

    pub(crate) fn write_snapshot(&mut self) {
        let mut meta = json!({ "targets.json": self.listing("targets", self.targets_version) });
        for (name, version) in &self.delegated {
            meta[format!("{name}.json")] = json!({ "version": version });
        }
        let own = json!({ "meta": meta });
        let signed = self.signed("snapshot", self.snapshot_version, self.snapshot_expires, own);
        self.put_snapshot(file(&signed, &self.snapshot.keys));
    }

    pub(crate) fn put_snapshot(&mut self, bytes: Vec<u8>) {
        let path = self.path("snapshot", self.snapshot_version);
        self.files.insert(path, bytes);
    }

    pub(crate) fn timestamp_signed(&self) -> Value {
        let mut own = json!({ "meta": { "snapshot.json": self.listing("snapshot", self.snapshot_version) } });
        if let Some(issued) = self.issued {
            own["x-sluis-issued"] = rfc3339::format(issued).into();
        }
        self.signed("timestamp", self.timestamp_version, self.timestamp_expires, own)
    }

    pub(crate) fn write_timestamp(&mut self) {
        let signed = self.timestamp_signed();
        self.put_timestamp(file(&signed, &self.timestamp.keys));
    }

    pub(crate) fn put_timestamp(&mut self, bytes: Vec<u8>) {
        self.files.insert("timestamp.json".into(), bytes);
    }

    fn path(&self, role: &str, version: i64) -> String {
        match self.consistent_snapshot {
            true => format!("{version}.{role}.json"),
            false => format!("{role}.json"),
        }
    }

    fn listing(&self, role: &str, version: i64) -> Value {
        match self.files.get(&self.path(role, version)) {
            Some(bytes) if self.hashes => {
                json!({ "version": version, "length": bytes.len(), "hashes": { "sha256": sha256(bytes) } })
            }
            _ => json!({ "version": version }),
        }
    }

    fn signed(&self, kind: &str, version: i64, expires: i64, own: Value) -> Value {
        let mut signed = json!({
            "_type": kind,
            "spec_version": "1.0.31",
            "version": version,
            "expires": rfc3339::format(expires),
        });
        for fields in [own, self.extra.clone()] {
            for (name, value) in fields.as_object().unwrap() {
                signed[name] = value.clone();
            }
        }
        signed
    }
}

/// A metadata file signed by all these keys.
pub(crate) fn file(signed: &Value, keys: &[Key]) -> Vec<u8> {
    let signatures: Vec<Value> = keys.iter().map(|key| key.signature(signed)).collect();
    envelope(&signatures, signed)
}

pub(crate) fn envelope(signatures: &[Value], signed: &Value) -> Vec<u8> {
    serde_json::to_vec(&json!({ "signatures": signatures, "signed": signed })).unwrap()
}

pub(crate) fn canonical_form(value: &Value) -> Vec<u8> {
    let limits = Limits {
        max_bytes: usize::MAX,
        max_depth: 64,
    };
    canonical(&parse(value.to_string().as_bytes(), limits).unwrap())
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex::encode(digest(&SHA256, bytes).as_ref())
}
