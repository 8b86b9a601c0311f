//! Public keys and their signatures.

use ring::signature::{ED25519, UnparsedPublicKey};
use sluis_policy::json::Node;

use super::error::Reason;
use super::hex;
use super::metadata::fields;

/// A public key of a kind that this client can verify with. Two are equal when they are the same key, whatever id
/// they are listed under.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum PublicKey {
    /// `keytype` and `scheme` `ed25519`.
    Ed25519([u8; 32]),
}

impl PublicKey {
    /// Reads a key object (TUF 4.2.2). `None` is a key of a kind that this client does not know: it signs for nothing
    /// here, and is no error, since others may know it.
    pub(super) fn read(node: &Node) -> Result<Option<Self>, Reason> {
        let kind = fields::string(node, "keytype")?;
        let scheme = fields::string(node, "scheme")?;
        let value = fields::object(node, "keyval")?;
        match (kind, scheme) {
            ("ed25519", "ed25519") => {
                let public = fields::member(value, "public")?;
                let bytes = public.as_str().and_then(hex::decode_exact);
                match bytes {
                    Some(bytes) => Ok(Some(Self::Ed25519(bytes))),
                    None => Err(fields::malformed(public, "an Ed25519 key of 64 hex digits")),
                }
            }
            _ => Ok(None),
        }
    }

    /// Whether this key made this signature over these bytes.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Ed25519(key) => UnparsedPublicKey::new(&ED25519, key)
                .verify(message, signature)
                .is_ok(),
        }
    }
}
