//! Private keys that are at hand.

use clap::ValueEnum;
use pkcs8::der::SecretDocument;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use sluis_core::feed::hex;
use zeroize::Zeroizing;

use super::PublicKey;
use crate::failure::Failure;

/// What stands before the 32 secret bytes in RFC 8410's form of an Ed25519 key: version 1 of PKCS#8, without the
/// public key, which is the form that every tool reads.
const ED25519_PREFIX: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// Kinds of keys that `sluis` makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::feed) enum KeyKind {
    /// Ed25519.
    Ed25519,
    /// ECDSA on the curve P-256 with SHA-256, for hardware that knows no Ed25519.
    P256,
}

/// A private key, with its public half.
pub(in crate::feed) struct SigningKey {
    pair: Pair,
    public: PublicKey,
}

enum Pair {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
}

impl SigningKey {
    /// Makes a key; the answer is also its PKCS#8 form, to be stored.
    pub(in crate::feed) fn generate(kind: KeyKind) -> Result<(Self, SecretDocument), Failure> {
        let no_random = || Failure::unusable("this machine gave no random numbers for a key");
        let random = SystemRandom::new();
        let der = match kind {
            KeyKind::Ed25519 => {
                let mut der = Zeroizing::new([0; 48]);
                let (prefix, seed) = der.split_at_mut(ED25519_PREFIX.len());
                prefix.copy_from_slice(&ED25519_PREFIX);
                random.fill(seed).map_err(|_| no_random())?;
                SecretDocument::try_from(der.as_slice())
            }
            KeyKind::P256 => {
                let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random)
                    .map_err(|_| no_random())?;
                SecretDocument::try_from(der.as_ref())
            }
        };
        let der = der.map_err(|error| Failure::unusable(format!("a key cannot be encoded: {error}")))?;
        let key = Self::from_pkcs8(der.as_bytes()).map_err(Failure::unusable)?;
        Ok((key, der))
    }

    /// Reads a key; the error says what it should have been.
    pub(in crate::feed) fn from_pkcs8(der: &[u8]) -> Result<Self, String> {
        let neither = |_| "this is not an Ed25519 or P-256 key in PKCS#8".to_owned();
        if let Ok(pair) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der) {
            let bytes = pair.public_key().as_ref().try_into().map_err(neither)?;
            let public = PublicKey::ed25519(bytes).map_err(said)?;
            let pair = Pair::Ed25519(pair);
            return Ok(Self { pair, public });
        }
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, der, &SystemRandom::new())
            .map_err(|error| format!("this is not an Ed25519 or P-256 key in PKCS#8 ({error})"))?;
        let point = pair.public_key().as_ref().try_into().map_err(neither)?;
        let public = PublicKey::p256(point).map_err(said)?;
        let pair = Pair::P256(pair);
        Ok(Self { pair, public })
    }

    pub(in crate::feed) fn public(&self) -> &PublicKey {
        &self.public
    }

    /// A signature in hex: 64 bytes of Ed25519, or DER of P-256.
    pub(in crate::feed) fn sign(&self, message: &[u8]) -> Result<String, Failure> {
        match &self.pair {
            Pair::Ed25519(pair) => Ok(hex::encode(pair.sign(message).as_ref())),
            Pair::P256(pair) => pair
                .sign(&SystemRandom::new(), message)
                .map(|signature| hex::encode(signature.as_ref()))
                .map_err(|_| Failure::unusable("this machine gave no random numbers for a signature")),
        }
    }
}

fn said(failure: Failure) -> String {
    failure.message().unwrap_or_default().to_owned()
}
