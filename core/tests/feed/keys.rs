//! Keys that a repository's author signs with.

use std::fmt::Write;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PSS_SHA256, RsaKeyPair,
};
use serde_json::{Value, json};
use sluis_core::feed::hex;

use super::{canonical_form, sha256};

const P256: &[u8] = include_bytes!("keys/test-only-p256.pk8");
const RSA: &[u8] = include_bytes!("keys/test-only-rsa.pk8");

/// What stands before the point in the SubjectPublicKeyInfo of P-256, and before the key in that of RSA of 2048 bits.
const P256_SPKI: &str = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
const RSA_SPKI: &str = "30820122300d06092a864886f70d01010105000382010f00";

/// A key pair with the id that metadata lists it under.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    kind: Kind,
    pub(crate) id: String,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Ed25519(u8),
    /// With the `keytype` that it is listed with.
    P256(&'static str),
    Rsa,
}

impl Key {
    /// An Ed25519 key; the same seed gives the same key.
    pub(crate) fn new(seed: u8) -> Self {
        Self::of(Kind::Ed25519(seed))
    }

    /// The one P-256 key that there is.
    pub(crate) fn p256() -> Self {
        Self::of(Kind::P256("ecdsa"))
    }

    /// The same key, of the kind as it was called before.
    pub(crate) fn p256_as_of_old() -> Self {
        Self::of(Kind::P256("ecdsa-sha2-nistp256"))
    }

    /// The one RSA key that there is.
    pub(crate) fn rsa() -> Self {
        Self::of(Kind::Rsa)
    }

    fn of(kind: Kind) -> Self {
        let mut key = Self {
            kind,
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
        let (kind, scheme, public) = match self.kind {
            Kind::Ed25519(seed) => (
                "ed25519",
                "ed25519",
                hex::encode(ed25519(seed).public_key().as_ref()),
            ),
            Kind::P256(kind) => (
                kind,
                "ecdsa-sha2-nistp256",
                pem(P256_SPKI, p256().public_key().as_ref()),
            ),
            Kind::Rsa => (
                "rsa",
                "rsassa-pss-sha256",
                pem(RSA_SPKI, rsa().public_key().as_ref()),
            ),
        };
        json!({ "keytype": kind, "scheme": scheme, "keyval": { "public": public } })
    }

    pub(crate) fn signature(&self, signed: &Value) -> Value {
        json!({ "keyid": self.id, "sig": hex::encode(&self.sign(&canonical_form(signed))) })
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self.kind {
            Kind::Ed25519(seed) => ed25519(seed).sign(message).as_ref().to_vec(),
            Kind::P256(_) => p256().sign(&random, message).unwrap().as_ref().to_vec(),
            Kind::Rsa => {
                let mut signature = vec![0; rsa().public().modulus_len()];
                let signed = rsa().sign(&RSA_PSS_SHA256, &random, message, &mut signature);
                signed.map(|()| signature).unwrap()
            }
        }
    }
}

fn ed25519(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

fn p256() -> EcdsaKeyPair {
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, P256, &SystemRandom::new()).unwrap()
}

fn rsa() -> RsaKeyPair {
    RsaKeyPair::from_pkcs8(RSA).unwrap()
}

/// A public key in PEM, as `openssl pkey -pubout` writes it.
fn pem(before: &str, key: &[u8]) -> String {
    let der = [hex::decode(before).unwrap(), key.to_vec()].concat();
    let mut text = String::from("-----BEGIN PUBLIC KEY-----\n");
    for line in BASE64_STANDARD.encode(der).as_bytes().chunks(64) {
        writeln!(text, "{}", std::str::from_utf8(line).unwrap()).unwrap();
    }
    text + "-----END PUBLIC KEY-----\n"
}
