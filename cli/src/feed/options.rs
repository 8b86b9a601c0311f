//! Options that several commands have.

use std::path::{Path, PathBuf};

use clap::Args;

use super::keys::{KeyRing, PassphraseOptions, Passphrases};
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

    /// The folder in which keys that are made now are put, where nothing else is said.
    pub(super) fn folder(&self) -> Option<&Path> {
        let folder = self.keys.iter().find(|path| path.is_dir());
        folder.map(PathBuf::as_path)
    }
}

/// What nobody but the administrator can know.
#[derive(Debug, Args)]
pub(super) struct Pause {
    /// This machine's clock is right, though more than 400 days have passed since the last publication. Phones never
    /// forget a time that they learnt.
    #[arg(long)]
    pub(super) clock_is_right: bool,
}

/// A number of days for which something holds.
pub(super) fn days(text: &str) -> Result<i64, String> {
    let days = text.parse().ok().filter(|days| (1..=3650).contains(days));
    days.ok_or_else(|| "expected a number of days from 1 to 3650".into())
}
