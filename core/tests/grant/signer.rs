//! Who signs grants in the tests, and what.

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use sluis_core::feed::hex;
use sluis_policy::canonical::canonical;
use sluis_policy::json::{Limits, parse};

/// The phone of the tests.
pub(crate) const PHONE: [u8; 32] = [0x5f; 32];

/// A key pair that may be one of those that a policy names.
pub(crate) enum Signer {
    Ed25519(Box<Ed25519KeyPair>),
    P256(Box<EcdsaKeyPair>),
}

impl Signer {
    /// An Ed25519 key; the same seed gives the same key.
    pub(crate) fn new(seed: u8) -> Self {
        Self::Ed25519(Box::new(
            Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap(),
        ))
    }

    pub(crate) fn p256() -> Self {
        let pkcs8 = include_bytes!("../feed/keys/test-only-p256.pk8");
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8, &random);
        Self::P256(Box::new(pair.unwrap()))
    }

    /// As policies and grants write the key.
    pub(crate) fn key(&self) -> String {
        match self {
            Self::Ed25519(pair) => format!("ed25519:{}", hex::encode(pair.public_key().as_ref())),
            Self::P256(pair) => format!("p256:{}", hex::encode(pair.public_key().as_ref())),
        }
    }

    /// What a policy's `grants` says of it.
    pub(crate) fn may(&self, groups: &[&str]) -> Value {
        json!({ "key": self.key(), "groups": groups })
    }

    pub(crate) fn signature(&self, message: &[u8]) -> String {
        match self {
            Self::Ed25519(pair) => hex::encode(pair.sign(message).as_ref()),
            Self::P256(pair) => hex::encode(pair.sign(&SystemRandom::new(), message).unwrap().as_ref()),
        }
    }

    /// The signature as it stands in a grant.
    pub(crate) fn signs(&self, signed: &Value) -> Value {
        json!({ "key": self.key(), "sig": self.signature(&canonical_form(signed)) })
    }
}

/// A grant for the tests' phone: `inspection` of layer `national`; `more` adds fields or takes their place.
pub(crate) fn signed(more: &Value) -> Value {
    let mut signed = json!({
        "format": "sluis.grant/1",
        "id": "g-1",
        "layer": "national",
        "phone": hex::encode(&PHONE),
        "groups": ["inspection"],
        "issued": "2026-03-01T00:00:00Z",
        "until": "2026-03-20T00:00:00Z",
    });
    signed
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    signed
}

/// The whole document.
pub(crate) fn document(signed: &Value, signers: &[&Signer]) -> Vec<u8> {
    let signatures: Vec<Value> = signers.iter().map(|signer| signer.signs(signed)).collect();
    json!({ "signed": signed, "signatures": signatures })
        .to_string()
        .into_bytes()
}

fn canonical_form(value: &Value) -> Vec<u8> {
    let limits = Limits {
        max_bytes: 1 << 16,
        max_depth: 8,
    };
    canonical(&parse(value.to_string().as_bytes(), limits).unwrap())
}
