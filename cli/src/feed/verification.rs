//! Looks at a publication as a new phone would.

use std::path::Path;

use sluis_core::agent::message::Time;
use sluis_core::feed::{Answer, FeedIdentity, Next, Outcome, TrustedState, Update, hex};

use super::repository;
use crate::failure::Failure;

/// A file that is not written yet: its path below the feed's folder, and its bytes.
pub(super) type Staged = (String, Vec<u8>);

/// Runs the phone's client over the folder as it will be once `staged` is written.
pub(super) fn verify(folder: &Path, pin: &str, staged: &[Staged], now: i64) -> Result<(), Failure> {
    let feed = FeedIdentity {
        name: folder.display().to_string(),
        root_sha256: hex::decode_exact(pin)
            .ok_or_else(|| Failure::unusable(format!("{pin} is not a SHA-256")))?,
    };
    let time = Time {
        wall_ms: now.saturating_mul(1000),
        elapsed_ms: 0,
        boot_count: 0,
    };
    let mut update = Update::start(&feed, TrustedState::default(), time);
    loop {
        let path = match update.next() {
            Next::Fetch { path, .. } => path,
            Next::Done(Outcome::Failed(error)) => {
                return Err(Failure::findings(format!(
                    "phones would refuse this, so nothing was published: {error}"
                )));
            }
            Next::Done(_) => return Ok(()),
        };
        let bytes = match staged.iter().find(|(name, _)| *name == path) {
            Some((_, bytes)) => Some(bytes.clone()),
            None => repository::read_optional(&folder.join(path))?,
        };
        update.received(&bytes.as_deref().map_or(Answer::Missing, Answer::Body));
    }
}
