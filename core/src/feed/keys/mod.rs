//! Public keys and their signatures.

mod der;
mod pem;
mod spki;

use std::sync::Arc;

use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use sluis_policy::json::Node;

use super::error::Reason;
use super::hex;
use super::metadata::fields;

/// A public key of a kind that this client can verify with. Two are equal when they are the same key, whatever id
/// they are listed under and however they were written down.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum PublicKey {
    /// `keytype` and `scheme` `ed25519`.
    Ed25519([u8; 32]),
    /// `scheme` `ecdsa-sha2-nistp256`: a point of P-256 as SEC 1 writes it without compression. Signatures are in DER.
    EcdsaP256([u8; 65]),
    /// `scheme` `rsassa-pss-sha256`, with a modulus of 2048 to 8192 bits. Sluis verifies with it and makes none.
    RsaPss(Arc<RsaKey>),
}

/// An RSA key's numbers, big-endian without leading zeros.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RsaKey {
    pub(super) modulus: Vec<u8>,
    pub(super) exponent: Vec<u8>,
}

impl PublicKey {
    /// Reads a key object (TUF 4.2.2). `None` is a key of a kind that this client does not know: it signs for nothing
    /// here, and is no error, since others may know it.
    pub(super) fn read(node: &Node) -> Result<Option<Self>, Reason> {
        let kind = fields::string(node, "keytype")?;
        let scheme = fields::string(node, "scheme")?;
        let value = fields::object(node, "keyval")?;
        type Reader = fn(&str) -> Option<PublicKey>;
        let (read, expected): (Reader, _) = match (kind, scheme) {
            ("ed25519", "ed25519") => (Self::ed25519, "an Ed25519 key of 64 hex digits"),
            // The second name is what the specification called this kind before 1.0.32.
            ("ecdsa" | "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256") => {
                (Self::ecdsa_p256, "an uncompressed P-256 key in PEM")
            }
            ("rsa", "rsassa-pss-sha256") => (Self::rsa_pss, "an RSA key in PEM"),
            _ => return Ok(None),
        };
        let public = fields::member(value, "public")?;
        match public.as_str().and_then(read) {
            Some(key) => Ok(Some(key)),
            None => Err(fields::malformed(public, expected)),
        }
    }

    /// An Ed25519 key as TUF writes it: 64 hex digits.
    pub fn ed25519(digits: &str) -> Option<Self> {
        hex::decode_exact(digits).map(Self::Ed25519)
    }

    /// A P-256 key as TUF writes it: SubjectPublicKeyInfo in PEM. Only uncompressed points are taken, which is what
    /// every tool writes unless told otherwise.
    pub fn ecdsa_p256(pem: &str) -> Option<Self> {
        spki::p256_point(&pem::public_key(pem)?).map(Self::EcdsaP256)
    }

    /// An RSA key as TUF writes it: SubjectPublicKeyInfo in PEM.
    pub fn rsa_pss(pem: &str) -> Option<Self> {
        spki::rsa(&pem::public_key(pem)?).map(|key| Self::RsaPss(Arc::new(key)))
    }

    /// Whether this key made this signature over these bytes.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let verified = match self {
            Self::Ed25519(key) => UnparsedPublicKey::new(&ED25519, key).verify(message, signature),
            Self::EcdsaP256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(message, signature)
            }
            Self::RsaPss(key) => RsaPublicKeyComponents {
                n: &key.modulus,
                e: &key.exponent,
            }
            .verify(&RSA_PSS_2048_8192_SHA256, message, signature),
        };
        verified.is_ok()
    }
}
