//! Public halves of keys, as metadata lists them and as files.

use std::path::Path;

use pkcs8::LineEnding;
use pkcs8::der::Document;
use serde_json::{Value, json};
use sluis_core::feed::{PublicKey as KeyValue, hex};

use super::file;
use crate::failure::Failure;
use crate::feed::{metadata, sha256};
use crate::files;
use crate::output::shown;

const LABEL: &str = "PUBLIC KEY";

/// What stands before the 32 bytes of an Ed25519 key in a SubjectPublicKeyInfo (RFC 8410).
const ED25519_PREFIX: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];
/// What stands before the 65 bytes of an uncompressed point on P-256 in a SubjectPublicKeyInfo (RFC 5480).
const P256_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// A public key of a kind that phones know. Sluis makes and signs with Ed25519 and P-256.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::feed) struct PublicKey {
    value: KeyValue,
    id: String,
    /// What its id would be if it were computed from what is listed.
    digest: String,
}

impl PublicKey {
    pub(in crate::feed) fn ed25519(bytes: [u8; 32]) -> Result<Self, Failure> {
        Self::new(KeyValue::Ed25519(bytes))
    }

    pub(in crate::feed) fn p256(point: [u8; 65]) -> Result<Self, Failure> {
        Self::new(KeyValue::EcdsaP256(point))
    }

    fn new(value: KeyValue) -> Result<Self, Failure> {
        let id = sha256(&metadata::canonical_form(&object(&value)?)?);
        let digest = id.clone();
        Ok(Self { value, id, digest })
    }

    /// A key of metadata, as the phone's own reader read it from this object. The id under which a feed lists it is the
    /// one that its signatures go by, whoever computed it.
    pub(in crate::feed) fn listed(id: &str, value: KeyValue, object: &Value) -> Self {
        let form = metadata::canonical_form(object).unwrap_or_default();
        let (id, digest) = (id.to_owned(), sha256(&form));
        Self { value, id, digest }
    }

    /// Reads a file: a public key, or a private key of which the public half is wanted, in PEM.
    pub(in crate::feed) fn load(path: &Path) -> Result<Self, Failure> {
        let pem = files::read_text(path, file::MAX_BYTES)?;
        if let Some(value) = value_of_pem(&pem) {
            return Self::new(value);
        }
        if file::is_private(&pem) {
            let beside = path.with_extension("pub");
            let advice = format!(
                "this is a private key; give its public half ({} if `sluis` made it, else from `openssl pkey -pubout`)",
                beside.display()
            );
            return Err(Failure::file(path, advice));
        }
        Err(Failure::file(
            path,
            "this is not a public key in PEM, Ed25519 or P-256 (uncompressed)",
        ))
    }

    /// The SHA-256 of the key object in canonical form (TUF 4.2.1), or what a feed lists it under.
    pub(in crate::feed) fn id(&self) -> &str {
        &self.id
    }

    /// What to call it before people: the first digits of its digest, for ids are free to choose and one key could bear
    /// the id of another.
    pub(in crate::feed) fn name(&self) -> String {
        let mut name = short(&self.digest);
        if self.id != self.digest {
            name.push_str(&format!(" (listed as {})", short(&shown(&self.id))));
        }
        if matches!(self.value, KeyValue::RsaPss(_)) {
            name.push_str(" (RSA)");
        }
        name
    }

    /// The key as metadata lists it.
    pub(in crate::feed) fn object(&self) -> Result<Value, Failure> {
        object(&self.value)
    }

    /// Whether it is the same key, whatever it is listed under.
    pub(in crate::feed) fn is(&self, other: &Self) -> bool {
        self.value == other.value
    }

    pub(in crate::feed) fn to_pem(&self) -> Result<String, Failure> {
        pem(&self.value)
    }

    /// Whether this key made this signature over these bytes.
    pub(in crate::feed) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.value.verifies(message, signature)
    }
}

/// The first digits of a key's id, enough to tell keys apart by eye.
pub(in crate::feed) fn short(id: &str) -> String {
    id.chars().take(12).collect()
}

fn object(value: &KeyValue) -> Result<Value, Failure> {
    Ok(match value {
        KeyValue::Ed25519(key) => json!({
            "keytype": "ed25519",
            "scheme": "ed25519",
            "keyval": { "public": hex::encode(key) },
        }),
        KeyValue::EcdsaP256(_) => json!({
            "keytype": "ecdsa",
            "scheme": "ecdsa-sha2-nistp256",
            "keyval": { "public": pem(value)? },
        }),
        _ => return Err(foreign()),
    })
}

fn pem(value: &KeyValue) -> Result<String, Failure> {
    let der = match value {
        KeyValue::Ed25519(key) => [ED25519_PREFIX.as_slice(), key].concat(),
        KeyValue::EcdsaP256(point) => [P256_PREFIX.as_slice(), point].concat(),
        _ => return Err(foreign()),
    };
    let cannot =
        |error: pkcs8::der::Error| Failure::unusable(format!("a public key cannot be written: {error}"));
    let document = Document::try_from(der).map_err(cannot)?;
    document.to_pem(LABEL, LineEnding::LF).map_err(cannot)
}

fn foreign() -> Failure {
    Failure::unusable("Sluis makes and lists Ed25519 and P-256 keys only")
}

fn value_of_pem(pem: &str) -> Option<KeyValue> {
    let (label, der) = Document::from_pem(pem.trim_ascii()).ok()?;
    if label != LABEL {
        return None;
    }
    let der = der.as_bytes();
    if let Some(key) = der.strip_prefix(&ED25519_PREFIX) {
        return Some(KeyValue::Ed25519(key.try_into().ok()?));
    }
    let point = der.strip_prefix(&P256_PREFIX)?;
    Some(KeyValue::EcdsaP256(point.try_into().ok()?))
}
