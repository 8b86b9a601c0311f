//! Options that several commands have.

use std::path::{Path, PathBuf};

use clap::Args;

use super::desk::Desk;
use super::keys::{KeyFolder, KeyKind, KeyRing, PassphraseOptions, Passphrases, PublicKey, SigningKey};
pub(super) use crate::clock::Clock;
use crate::failure::Failure;

/// The private keys to sign with.
#[derive(Debug, Args)]
pub(super) struct Keys {
    /// A private key, or a folder of them; can be given more than once. Only what has to sign is opened.
    #[arg(long, value_name = "KEYS", required = true)]
    keys: Vec<PathBuf>,
    #[command(flatten)]
    passphrases: PassphraseOptions,
}

impl Keys {
    pub(super) fn ring(&self) -> Result<KeyRing, Failure> {
        KeyRing::open(&self.keys, Passphrases::new(&self.passphrases)?)
    }

    /// The folder in which keys that are made now are put.
    fn folder(&self) -> Result<&Path, Failure> {
        let folder = self.keys.iter().find(|path| path.is_dir());
        folder
            .map(PathBuf::as_path)
            .ok_or_else(|| Failure::unusable("new keys need a folder: give one with --new-keys-in"))
    }
}

/// Keys that come in place of others, or in addition.
#[derive(Debug, Args)]
pub(super) struct NewKeys {
    /// How many new keys to make.
    #[arg(long, value_name = "N")]
    new_keys: Option<u8>,
    /// The folder for them; the first one that --keys names if absent.
    #[arg(long, value_name = "KEYDIR")]
    new_keys_in: Option<PathBuf>,
    /// A public key whose private half somebody else keeps; can be given more than once.
    #[arg(long, value_name = "FILE")]
    public_key: Vec<PathBuf>,
    /// The kind of the new keys.
    #[arg(long, value_enum, default_value_t = KeyKind::Ed25519)]
    key_kind: KeyKind,
    /// Leave the new private keys unencrypted, for a machine that signs by itself.
    #[arg(long)]
    no_passphrase: bool,
}

impl NewKeys {
    /// The new keys of a role. `made` are made where the options do not say how many. Those that are made join the ring.
    pub(super) fn keys(
        &self,
        desk: &Desk,
        role: &str,
        made: usize,
        options: &Keys,
        ring: &mut KeyRing,
        dry_run: bool,
    ) -> Result<Vec<PublicKey>, Failure> {
        let mut keys = Vec::new();
        for path in &self.public_key {
            keys.push(PublicKey::load(path)?);
        }
        let made = match self.new_keys {
            Some(number) => usize::from(number),
            None if keys.is_empty() => made,
            None => 0,
        };
        if dry_run {
            // Shown with ids of the moment, and forgotten.
            for _ in 0..made {
                keys.push(SigningKey::generate(self.key_kind)?.0.public().clone());
            }
        } else if made > 0 {
            let passphrase = match self.no_passphrase {
                true => None,
                false => Some(ring.passphrases().for_new_keys()?),
            };
            let folder = match &self.new_keys_in {
                Some(folder) => folder.as_path(),
                None => options.folder()?,
            };
            let folder = KeyFolder::new(folder, &desk.folder, passphrase)?;
            for _ in 0..made {
                let (key, path) = folder.make(role, self.key_kind)?;
                keys.push(key.public().clone());
                ring.add(key, path);
            }
        }
        Ok(keys)
    }
}

/// A number of days for which something holds.
pub(super) fn days(text: &str) -> Result<i64, String> {
    let days = text.parse().ok().filter(|days| (1..=3650).contains(days));
    days.ok_or_else(|| "expected a number of days from 1 to 3650".into())
}
