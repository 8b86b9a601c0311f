//! Options that several commands have.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use sluis_core::feed::rfc3339;

use super::keys::{KeyRing, PassphraseOptions, Passphrases};
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

/// The time to go by.
#[derive(Debug, Args)]
pub(super) struct Clock {
    /// Go by this time instead of the clock, for tests.
    #[arg(long, value_name = "TIME", hide = true, value_parser = moment)]
    now: Option<i64>,
}

impl Clock {
    /// Seconds since 1970.
    pub(super) fn now(&self) -> Result<i64, Failure> {
        let clock = || {
            let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
            i64::try_from(since_1970.as_secs()).ok()
        };
        self.now
            .or_else(clock)
            .ok_or_else(|| Failure::unusable("this machine's clock is set before 1970"))
    }
}

fn moment(text: &str) -> Result<i64, String> {
    rfc3339::parse(text).ok_or_else(|| "expected a moment like 2026-11-23T10:00:00Z".into())
}

/// A number of days for which something holds.
pub(super) fn days(text: &str) -> Result<i64, String> {
    let days = text.parse().ok().filter(|days| (1..=3650).contains(days));
    days.ok_or_else(|| "expected a number of days from 1 to 3650".into())
}
