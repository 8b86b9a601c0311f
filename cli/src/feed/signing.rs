//! Metadata from what it says and the key that signs it.

use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use sluis_core::feed::canonical::canonical;
use sluis_core::feed::{hex, rfc3339};
use sluis_policy::json::{self as strict, Limits};

use super::keys::SigningKey;
use crate::failure::Failure;

/// The version of the specification that the metadata follows.
const SPEC_VERSION: &str = "1.0.34";

/// What a role's metadata says: the fields that all roles have, and its own.
pub(super) fn signed_part<const N: usize>(
    kind: &str,
    version: u64,
    expires: i64,
    own: [(&str, Value); N],
) -> Value {
    let shared = [
        ("_type", kind.into()),
        ("spec_version", SPEC_VERSION.into()),
        ("version", version.into()),
        ("expires", rfc3339::format(expires).into()),
    ];
    shared
        .into_iter()
        .chain(own)
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// A metadata file.
pub(super) fn signed_file(signed: &Value, key: &SigningKey) -> Result<Vec<u8>, Failure> {
    let signature = json!({ "keyid": key.id(), "sig": key.sign(&canonical_form(signed)?) });
    to_bytes(&json!({ "signatures": [signature], "signed": signed }))
}

/// The hashes under which one file is listed in another.
pub(super) fn hashes(bytes: &[u8]) -> Value {
    json!({ "sha256": sha256(bytes) })
}

/// A key's id: the SHA-256 of its public object in canonical form (TUF 4.2.1).
pub(super) fn key_id(public_object: &Value) -> Result<String, Failure> {
    Ok(sha256(&canonical_form(public_object)?))
}

/// SHA-256 in hex.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hex::encode(digest(&SHA256, bytes).as_ref())
}

/// Made by the same code and through the same strict reader as on the phone: what a phone would not read or would
/// read otherwise is found before it is signed.
fn canonical_form(value: &Value) -> Result<Vec<u8>, Failure> {
    let limits = Limits {
        max_bytes: usize::MAX,
        max_depth: 32,
    };
    let document = strict::parse(&to_bytes(value)?, limits)
        .map_err(|error| Failure::unusable(format!("metadata that phones would refuse: {error}")))?;
    Ok(canonical(&document))
}

fn to_bytes(value: &Value) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(value)
        .map_err(|error| Failure::unusable(format!("metadata cannot be written: {error}")))
}
