//! Keys that a role gets: made here, or public halves of keys that others keep.

use std::path::{Path, PathBuf};

use clap::Args;

use super::desk::Desk;
use super::keys::{KeyFolder, KeyKind, KeyRing, PublicKey, SigningKey};
use super::options::Keys;
use crate::failure::Failure;

#[derive(Debug, Args)]
pub(super) struct NewKeys {
    /// How many new keys to make.
    #[arg(long, value_name = "N")]
    new_keys: Option<u8>,
    /// The folder for them; if absent, that of the key which they replace, or the first one that --keys names.
    #[arg(long, value_name = "KEYDIR")]
    new_keys_in: Option<PathBuf>,
    /// A public key whose private half somebody else keeps; can be given more than once.
    #[arg(long, value_name = "FILE")]
    public_key: Vec<PathBuf>,
    /// The kind of the new keys.
    #[arg(long, value_enum, default_value_t = KeyKind::Ed25519)]
    key_kind: KeyKind,
    /// Leave the new private keys unencrypted, for a machine that signs by itself. A key in place of one that is
    /// unencrypted is so, too.
    #[arg(long)]
    no_passphrase: bool,
}

/// What a role needs.
pub(super) struct Need<'a> {
    pub(super) role: &'a str,
    /// How many keys to make where the options do not say.
    pub(super) number: usize,
    /// Keys that the new ones replace.
    pub(super) replaced: &'a [PublicKey],
}

impl NewKeys {
    /// How many keys a role gets.
    pub(super) fn count(&self, number: usize) -> usize {
        self.public_key.len() + self.made(number)
    }

    fn made(&self, number: usize) -> usize {
        match self.new_keys {
            Some(number) => usize::from(number),
            None if self.public_key.is_empty() => number,
            None => 0,
        }
    }

    /// The new keys of a role. Those that are made join the ring; in a dry run none are, and they are only shown, with ids
    /// of the moment.
    pub(super) fn keys(
        &self,
        desk: &Desk,
        ring: &mut KeyRing,
        options: &Keys,
        need: &Need<'_>,
        dry_run: bool,
    ) -> Result<Vec<PublicKey>, Failure> {
        let given = self.public_key.iter().map(|path| PublicKey::load(path));
        let mut keys: Vec<PublicKey> = given.collect::<Result<_, _>>()?;
        let made = self.made(need.number);
        if dry_run {
            for _ in 0..made {
                keys.push(SigningKey::generate(self.key_kind)?.0.public().clone());
            }
        } else if made > 0 {
            let replaced = need.replaced.iter().find_map(|key| ring.kept(key));
            let folder = self.new_keys_in.as_deref();
            let folder = folder.or_else(|| replaced.and_then(|(path, _)| path.parent()));
            let folder = folder.or_else(|| options.folder()).map(Path::to_owned);
            let folder =
                folder.ok_or_else(|| Failure::unusable("new keys need a folder: give --new-keys-in"))?;
            let plain = self.no_passphrase || replaced.is_some_and(|(_, encrypted)| !encrypted);
            let passphrase = match plain {
                true => None,
                false => Some(ring.passphrases().for_new_keys()?),
            };
            let folder = KeyFolder::new(&folder, &desk.folder, passphrase)?;
            for _ in 0..made {
                let (key, path) = folder.make(need.role, self.key_kind)?;
                keys.push(key.public().clone());
                ring.add(key, path);
            }
        }
        Ok(keys)
    }
}
