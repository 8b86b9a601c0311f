//! Metadata in the making: what it says, and who has signed that so far.

use serde_json::{Map, Value, json};
use sluis_core::feed::canonical::canonical;
use sluis_core::feed::metadata::{Content, Root, Snapshot, Targets, Timestamp, Unverified};
use sluis_core::feed::{Reason, hex, rfc3339};
use sluis_policy::json::{self as strict, Limits};

use super::authority::Authority;
use crate::failure::Failure;

/// The version of the specification that the metadata follows.
const SPEC_VERSION: &str = "1.0.34";

/// For metadata that is in memory already.
const LIMITS: Limits = Limits {
    max_bytes: usize::MAX,
    max_depth: 32,
};

/// The roles that every feed has (TUF 2.1).
pub(super) const ROOT: &str = "root";
pub(super) const TARGETS: &str = "targets";
pub(super) const SNAPSHOT: &str = "snapshot";
pub(super) const TIMESTAMP: &str = "timestamp";
pub(super) const TOP_LEVEL: [&str; 4] = [ROOT, TARGETS, SNAPSHOT, TIMESTAMP];

/// The path of a role's metadata below the feed's folder. Snapshots are consistent, so all but the timestamp carry
/// their version (TUF 6.2).
pub(super) fn path(role: &str, version: u64) -> String {
    match role {
        TIMESTAMP => format!("{TIMESTAMP}.json"),
        _ => format!("{version}.{role}.json"),
    }
}

/// The role whose metadata has this file name.
pub(super) fn role_of(name: &str) -> Option<&str> {
    let stem = name.strip_suffix(".json")?;
    if stem == TIMESTAMP {
        return Some(TIMESTAMP);
    }
    let (version, role) = stem.split_once('.')?;
    version.parse::<u64>().is_ok().then_some(role)
}

/// One role's metadata.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Draft {
    role: String,
    signed: Map<String, Value>,
    signatures: Vec<Signature>,
}

#[derive(Debug, Clone, PartialEq)]
struct Signature {
    key_id: String,
    hex: String,
}

impl Draft {
    /// Version 1 of a role, with the fields that are its own.
    pub(super) fn new<const N: usize>(role: &str, expires: i64, own: [(&str, Value); N]) -> Self {
        let kind = if TOP_LEVEL.contains(&role) { role } else { TARGETS };
        let shared = [
            ("_type", kind.into()),
            ("spec_version", SPEC_VERSION.into()),
            ("version", 1.into()),
            ("expires", rfc3339::format(expires).into()),
        ];
        let fields = shared.into_iter().chain(own);
        Self {
            role: role.to_owned(),
            signed: fields.map(|(name, value)| (name.to_owned(), value)).collect(),
            signatures: Vec::new(),
        }
    }

    /// Reads a file, by the phone's own reader first.
    pub(super) fn parse(role: &str, bytes: &[u8]) -> Result<Self, String> {
        let problem = |reason: Reason| format!("this file {reason}");
        match role {
            ROOT => drop(Unverified::<Root>::parse(bytes).map_err(problem)?),
            SNAPSHOT => drop(Unverified::<Snapshot>::parse(bytes).map_err(problem)?),
            TIMESTAMP => drop(Unverified::<Timestamp>::parse(bytes).map_err(problem)?),
            _ => drop(Unverified::<Targets>::parse(bytes).map_err(problem)?),
        }
        let file: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let text = |value: &Value, name: &str| {
            value
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let signatures = file.get("signatures").and_then(Value::as_array);
        let signatures = signatures.into_iter().flatten().map(|signature| Signature {
            key_id: text(signature, "keyid"),
            hex: text(signature, "sig"),
        });
        let signed = file.get("signed").and_then(Value::as_object);
        Ok(Self {
            role: role.to_owned(),
            signed: signed.cloned().unwrap_or_default(),
            signatures: signatures.collect(),
        })
    }

    /// The next version: it says the same, and nobody has signed it.
    pub(super) fn successor(&self) -> Self {
        let mut next = self.clone();
        next.set("version", (self.version() + 1).into());
        next.set("spec_version", SPEC_VERSION.into());
        next
    }

    pub(super) fn role(&self) -> &str {
        &self.role
    }

    pub(super) fn version(&self) -> u64 {
        self.get("version").and_then(Value::as_u64).unwrap_or_default()
    }

    /// Seconds since 1970.
    pub(super) fn expires(&self) -> i64 {
        self.moment("expires").unwrap_or_default()
    }

    /// A moment that it states, in seconds since 1970.
    pub(super) fn moment(&self, name: &str) -> Option<i64> {
        rfc3339::parse(self.get(name)?.as_str()?)
    }

    /// Its path below the feed's folder.
    pub(super) fn path(&self) -> String {
        path(&self.role, self.version())
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.signed.get(name)
    }

    /// An object among its fields; an empty one where there is none.
    pub(super) fn object(&self, name: &str) -> Map<String, Value> {
        let object = self.get(name).and_then(Value::as_object);
        object.cloned().unwrap_or_default()
    }

    /// Says something else. What was signed before was not this.
    pub(super) fn set(&mut self, name: &str, value: Value) {
        self.signed.insert(name.to_owned(), value);
        self.signatures.clear();
    }

    /// No longer says something.
    pub(super) fn unset(&mut self, name: &str) {
        self.signed.remove(name);
        self.signatures.clear();
    }

    /// What it says, by the phone's own reader; `None` is what phones could not read.
    pub(super) fn content<T: Content>(&self) -> Option<T> {
        let bytes = to_bytes(&Value::Object(self.signed.clone())).ok()?;
        T::read(&strict::parse(&bytes, LIMITS).ok()?).ok()
    }

    /// The names of all its fields.
    pub(super) fn fields(&self) -> impl Iterator<Item = &str> {
        self.signed.keys().map(String::as_str)
    }

    /// Exactly the bytes that signatures are made over: canonical JSON, made by the same code and through the same
    /// strict reader as on the phone, so that what a phone would not read is found before it is signed.
    pub(super) fn payload(&self) -> Result<Vec<u8>, Failure> {
        canonical_form(&Value::Object(self.signed.clone()))
    }

    /// Takes a signature in, in place of an earlier one by the same key.
    pub(super) fn attach(&mut self, key_id: &str, hex: String) {
        let key_id = key_id.to_owned();
        self.signatures.retain(|signature| signature.key_id != key_id);
        self.signatures.push(Signature { key_id, hex });
        self.signatures.sort_by(|a, b| a.key_id.cmp(&b.key_id));
    }

    /// A signature's bytes, if somebody signed under this id.
    pub(super) fn signature(&self, key_id: &str) -> Option<Vec<u8>> {
        let found = self
            .signatures
            .iter()
            .find(|signature| signature.key_id == key_id)?;
        hex::decode(&found.hex)
    }

    /// The file.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, Failure> {
        let signatures: Vec<Value> = self
            .signatures
            .iter()
            .map(|signature| json!({ "keyid": signature.key_id, "sig": signature.hex }))
            .collect();
        to_bytes(&json!({ "signatures": signatures, "signed": self.signed }))
    }

    /// Whether these keys vouch for it.
    pub(super) fn is_signed_by(&self, authority: &Authority) -> Result<bool, Failure> {
        Ok(authority.signers(self)?.len() >= authority.threshold())
    }
}

/// Whether these bytes are what signatures of some metadata are made over.
pub(super) fn is_payload(bytes: &[u8]) -> bool {
    let fields = serde_json::from_slice::<Map<String, Value>>(bytes).unwrap_or_default();
    ["_type", "spec_version", "version", "expires"]
        .iter()
        .all(|name| fields.contains_key(*name))
}

/// How one file is listed in another.
pub(super) fn listing(draft: &Draft) -> Result<Value, Failure> {
    let bytes = draft.to_bytes()?;
    Ok(
        json!({ "version": draft.version(), "length": bytes.len(), "hashes": { "sha256": super::sha256(&bytes) } }),
    )
}

/// The one byte sequence of a document that signatures and key ids are made over.
pub(super) fn canonical_form(value: &Value) -> Result<Vec<u8>, Failure> {
    let document = strict::parse(&to_bytes(value)?, LIMITS)
        .map_err(|error| Failure::unusable(format!("metadata that phones would refuse: {error}")))?;
    Ok(canonical(&document))
}

fn to_bytes(value: &Value) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(value)
        .map_err(|error| Failure::unusable(format!("metadata cannot be written: {error}")))
}
