//! A repository in memory, whose author can do anything that a thief of its keys could.

// Named, since other folders' tests take this file in by its path.
#[path = "delegated.rs"]
mod delegated;
#[path = "keys.rs"]
mod keys;

use std::collections::BTreeMap;

pub(crate) use delegated::Delegated;
pub(crate) use keys::Key;

use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use sluis_core::feed::canonical::canonical;
use sluis_core::feed::{hex, rfc3339};
use sluis_policy::json::{Limits, parse};

/// When the tests' first day begins, in seconds since 1970.
pub(crate) const DAY_0: i64 = 1_795_392_000;
pub(crate) const DAY: i64 = 86_400;

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

    fn ids(&self) -> Vec<&str> {
        self.keys.iter().map(|key| key.id.as_str()).collect()
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
    /// Roles that targets are delegated to, in the order in which they are asked.
    pub(crate) delegated: Vec<Delegated>,
    /// Other roles that the snapshot lists, with their versions.
    pub(crate) only_listed: BTreeMap<String, i64>,
    /// Target files.
    pub(crate) content: BTreeMap<String, Vec<u8>>,
    /// What targets say of files besides length and hashes, by path.
    pub(crate) custom: BTreeMap<String, Value>,
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
            delegated: Vec::new(),
            only_listed: BTreeMap::new(),
            content: BTreeMap::from([
                ("policy.json".into(), b"{\"policy\":1}".to_vec()),
                ("catalogue.json".into(), b"{\"catalogue\":1}".to_vec()),
            ]),
            custom: BTreeMap::new(),
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
        for role in &mut self.delegated {
            role.version += 1;
        }
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
        self.write_delegated();
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
                (
                    (*name).to_owned(),
                    json!({ "keyids": signers.ids(), "threshold": signers.threshold }),
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
        let signed = self.targets_signed(
            "targets",
            self.targets_version,
            self.targets_expires,
            &self.content,
        );
        let signed = file(&signed, &self.targets.keys);
        self.put_targets(signed);
        self.write_content();
    }

    pub(crate) fn write_delegated(&mut self) {
        for role in &self.delegated {
            let signed = self.targets_signed(&role.name, role.version, role.expires, &role.content);
            let path = self.path(&role.name, role.version);
            self.files.insert(path, file(&signed, &role.signers.keys));
        }
        self.write_content();
    }

    /// A targets role's signed part: what it lists, and to whom it delegates.
    pub(crate) fn targets_signed(
        &self,
        name: &str,
        version: i64,
        expires: i64,
        content: &BTreeMap<String, Vec<u8>>,
    ) -> Value {
        let listed: Value = content
            .iter()
            .map(|(path, bytes)| {
                let mut description = json!({ "length": bytes.len(), "hashes": { "sha256": sha256(bytes) } });
                if let Some(custom) = self.custom.get(path) {
                    description["custom"] = custom.clone();
                }
                (path.clone(), description)
            })
            .collect();
        let mut own = json!({ "targets": listed });
        let (mut keys, mut roles) = (json!({}), Vec::new());
        for role in &self.delegated {
            let also = role.also_by.iter().map(|(by, signers)| (by, signers));
            for (_, signers) in also
                .chain([(&role.by, &role.signers)])
                .filter(|(by, _)| *by == name)
            {
                roles.push(role.delegation(signers));
                for key in &signers.keys {
                    keys[&key.id] = key.public();
                }
            }
        }
        if !roles.is_empty() {
            own["delegations"] = json!({ "keys": keys, "roles": roles });
        }
        self.signed("targets", version, expires, own)
    }

    fn write_content(&mut self) {
        let delegated = self.delegated.iter().flat_map(|role| &role.content);
        for (name, bytes) in self.content.iter().chain(delegated) {
            let (folder, name) = name
                .rsplit_once('/')
                .map_or(("", name.as_str()), |(folder, name)| (folder, name));
            let folder = if folder.is_empty() {
                String::new()
            } else {
                format!("{folder}/")
            };
            let path = match self.consistent_snapshot {
                true => format!("targets/{folder}{}.{name}", sha256(bytes)),
                false => format!("targets/{folder}{name}"),
            };
            self.files.insert(path, bytes.clone());
        }
    }

    pub(crate) fn put_targets(&mut self, bytes: Vec<u8>) {
        let path = self.path("targets", self.targets_version);
        self.files.insert(path, bytes);
    }

    pub(crate) fn write_snapshot(&mut self) {
        let mut meta = json!({ "targets.json": self.listing("targets", self.targets_version) });
        for role in &self.delegated {
            meta[format!("{}.json", role.name)] = self.listing(&role.name, role.version);
        }
        for (name, version) in &self.only_listed {
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
        // As clients write names that are no names of files.
        let role = role.replace('%', "%25").replace('/', "%2F");
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
