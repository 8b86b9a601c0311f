//! The same keys for those who sign grants: made, kept and opened as those of a feed are.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;
use sluis_core::feed::{self, hex};
use sluis_policy::grant::Signature;
use sluis_policy::policy::PublicKey as GrantKey;

use super::keys::{KeyFolder, KeyKind, KeyRing, PassphraseOptions, Passphrases, PublicKey};
use crate::failure::Failure;

/// The private keys to sign with.
#[derive(Debug, Args)]
pub(crate) struct SigningKeys {
    /// A private key, or a folder of them; can be given more than once.
    #[arg(long, value_name = "KEYS", required = true)]
    keys: Vec<PathBuf>,
    #[command(flatten)]
    passphrases: PassphraseOptions,
}

impl SigningKeys {
    /// Signatures by those of the keys that are wanted, or by all of them where nothing is said.
    pub(crate) fn sign(
        &self,
        payload: &[u8],
        wanted: Option<&[GrantKey]>,
    ) -> Result<Vec<Signature>, Failure> {
        let mut ring = KeyRing::open(&self.keys, Passphrases::new(&self.passphrases)?)?;
        let Some(wanted) = wanted else {
            let made = ring.sign_with_all(payload)?.into_iter();
            return made.map(|(key, sig)| signature(of_grants(&key)?, &sig)).collect();
        };
        let mut signatures = Vec::new();
        for key in wanted {
            if let Some(sig) = ring.sign(&of_feeds(key)?, payload)? {
                signatures.push(signature(key.clone(), &sig)?);
            }
        }
        Ok(signatures)
    }
}

/// A key to be made.
#[derive(Debug, Args)]
pub(crate) struct NewKey {
    /// The kind of the key.
    #[arg(long, value_enum, default_value_t = KeyKind::Ed25519)]
    key_kind: KeyKind,
    /// Leave the private key unencrypted.
    #[arg(long)]
    no_passphrase: bool,
    #[command(flatten)]
    passphrases: PassphraseOptions,
}

impl NewKey {
    /// Makes it in that folder: the key, and the file of its private half.
    pub(crate) fn make(&self, folder: &Path) -> Result<(GrantKey, PathBuf), Failure> {
        let passphrase = match self.no_passphrase {
            true => None,
            false => Some(Passphrases::new(&self.passphrases)?.for_new_keys()?),
        };
        let (key, path) = KeyFolder::apart(folder, passphrase).make("grants", self.key_kind)?;
        Ok((of_grants(key.public())?, path))
    }
}

/// A key as policies write it, or the file of a public key.
pub(crate) fn named(text: &str) -> Result<GrantKey, Failure> {
    match GrantKey::parse(text) {
        Some(key) => Ok(key),
        None => of_grants(&PublicKey::load(Path::new(text))?),
    }
}

fn signature(key: GrantKey, sig: &str) -> Result<Signature, Failure> {
    let bytes = hex::decode(sig).ok_or_else(|| Failure::unusable("a signature could not be made"))?;
    Ok(Signature { key, bytes })
}

fn of_feeds(key: &GrantKey) -> Result<PublicKey, Failure> {
    match key {
        GrantKey::Ed25519(bytes) => PublicKey::ed25519(*bytes),
        GrantKey::P256(point) => PublicKey::p256(*point),
    }
}

fn of_grants(key: &PublicKey) -> Result<GrantKey, Failure> {
    let object = key.object()?;
    let public = object
        .pointer("/keyval/public")
        .and_then(Value::as_str)
        .unwrap_or_default();
    match feed::PublicKey::ed25519(public).or_else(|| feed::PublicKey::ecdsa_p256(public)) {
        Some(feed::PublicKey::Ed25519(bytes)) => Ok(GrantKey::Ed25519(bytes)),
        Some(feed::PublicKey::EcdsaP256(point)) => Ok(GrantKey::P256(point)),
        _ => Err(Failure::unusable(
            "grants are signed with Ed25519 and P-256 keys only",
        )),
    }
}
