//! Visits a repository as a phone does, through the same client.

pub(crate) mod report;

use sluis_core::agent::message::Time;
use sluis_core::feed::limits::ROOTS_PER_UPDATE;
use sluis_core::feed::{
    Commit, FeedIdentity, Next, Outcome, Reason, Role, TrustedState, Update, VerifiedFile,
};

use crate::failure::Failure;
use crate::http::Reply;

/// What a phone learnt at a repository.
#[derive(Debug)]
pub(crate) struct Visit {
    /// What is trusted now.
    pub(crate) trusted: TrustedState,
    /// The steps in which it was learnt; without the last one where [`Visit::refused`] says that files are of no use.
    pub(crate) steps: Vec<Commit>,
    /// Why a phone takes no news from it.
    pub(crate) refused: Option<String>,
    /// The policy that comes into force.
    pub(crate) news: Option<report::News>,
}

/// The feed of that root, under the one name that the tool has for feeds.
pub(crate) fn identity(root_sha256: [u8; 32]) -> FeedIdentity {
    FeedIdentity {
        name: "feed".into(),
        root_sha256,
    }
}

/// Updates what is `trusted` from what `get` answers to a path and a number of bytes. A repository that cannot be
/// reached is a failure; one that is refused is not.
///
/// # Errors
/// [`Failure::Unusable`]: it could not be read or reached.
pub(crate) fn visit(
    feed: &FeedIdentity,
    mut trusted: TrustedState,
    now_s: i64,
    mut get: impl FnMut(&str, u64) -> Result<Reply, Failure>,
) -> Result<Visit, Failure> {
    // This machine has no clock that nobody can set: what was issued last is all that is known besides its own.
    let time = Time {
        wall_ms: now_s.saturating_mul(1000),
        elapsed_ms: 0,
        boot_count: 0,
    };
    let mut steps: Vec<Commit> = Vec::new();
    let outcome = loop {
        let root_before = root_version(&trusted);
        let mut update = Update::start(feed, trusted, time);
        let outcome = loop {
            match update.next() {
                Next::Fetch { path, max_bytes } => {
                    let reply = get(&path, max_bytes)?;
                    steps.extend(update.received(&reply.answer()));
                }
                Next::Done(outcome) => break outcome,
            }
        };
        trusted = update.trusted().clone();
        // A chain of roots longer than one update takes goes on in the next (TUF 5.3.3), on a phone some hours later.
        if root_version(&trusted) < root_before + u64::from(ROOTS_PER_UPDATE) {
            break outcome;
        }
    };
    let mut refused = match outcome {
        Outcome::Failed(error) => match error.reason {
            Reason::Unavailable(why) => return Err(Failure::Unusable(why)),
            reason => Some(format!("{} {reason}", error.role)),
        },
        Outcome::Unchanged | Outcome::Updated => None,
    };
    let mut news = None;
    let activation = steps.iter().rposition(|step| step.activation().is_some());
    if let Some(at) = activation {
        match report::News::read(steps.get(at).and_then(Commit::activation).unwrap_or_default()) {
            Ok(read) => news = Some(read),
            Err(why) => {
                refused = Some(why);
                steps.remove(at);
            }
        }
    }
    Ok(Visit {
        trusted,
        steps,
        refused,
        news,
    })
}

fn root_version(trusted: &TrustedState) -> u64 {
    trusted.floors().get(&Role::Root).map_or(1, |floor| floor.version)
}

/// The bytes that an update brought under that name.
fn brought<'a>(files: &'a [VerifiedFile], name: &str) -> Option<&'a [u8]> {
    files.iter().find(|file| file.name() == name)?.bytes()
}
