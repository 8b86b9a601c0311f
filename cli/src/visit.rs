//! Visits a repository as a phone does, through the same client.

mod agent;
mod memory;
mod report;

use sluis_core::agent::message::Time;
use sluis_core::feed::limits::ROOTS_PER_UPDATE;
use sluis_core::feed::{Commit, FeedIdentity, Next, Outcome, Reason, Role, TrustedState, Update};

use crate::failure::Failure;
use crate::http::Reply;
use crate::output::shown;
pub(crate) use agent::{Agent, agent};
pub(crate) use memory::Memory;
use report::News;
pub(crate) use report::Report;

/// What a phone learnt at a repository.
#[derive(Debug)]
pub(crate) struct Visit {
    /// What it trusts now.
    pub(crate) trusted: TrustedState,
    /// Why it takes no news from there.
    pub(crate) refused: Option<String>,
    /// Why it could not be asked for all of it. What was learnt until then is in the steps all the same, as on a phone.
    unreached: Option<String>,
    /// The policy that comes into force.
    news: Option<News>,
}

impl Visit {
    /// The visit, if nothing kept the repository from being read.
    ///
    /// # Errors
    /// [`Failure::Unusable`]: it could not be read or reached.
    pub(crate) fn reached(self) -> Result<Self, Failure> {
        match self.unreached {
            Some(why) => Err(Failure::Unusable(why)),
            None => Ok(self),
        }
    }
}

/// Updates what a phone remembers of the feed of that root from what `get` answers to a path and a number of bytes.
///
/// # Errors
/// The repository or the memory could not be read. One that phones refuse is no error, but a visit.
pub(crate) fn visit(
    root_sha256: [u8; 32],
    memory: &mut Memory,
    now_s: i64,
    get: impl FnMut(&str, u64) -> Result<Reply, Failure>,
) -> Result<Visit, Failure> {
    let feed = identity(root_sha256);
    let (trusted, mut steps, outcome) = update(&feed, memory.trusted(&feed)?, now_s, get)?;
    let (mut refused, unreached) = match outcome {
        Outcome::Failed(error) => match error.reason {
            Reason::Unavailable(why) => (None, Some(why)),
            reason => (Some(shown(&format!("{} {reason}", error.role))), None),
        },
        Outcome::Unchanged | Outcome::Updated => (None, None),
    };
    let mut news = None;
    if let Some(at) = steps.iter().rposition(|step| step.activation().is_some()) {
        let files = steps.get(at).and_then(Commit::activation).unwrap_or_default();
        let brought = |name: &str| brought(&steps, name);
        match News::read(files, brought, |name| memory.file(&feed, name))? {
            Ok(read) => news = Some(read),
            Err(why) => {
                // What cannot be put in force is not taken, and asked for again at the next visit.
                refused = Some(why);
                steps.remove(at);
            }
        }
    }
    memory.take(&feed, &steps)?;
    Ok(Visit {
        trusted,
        refused,
        unreached,
        news,
    })
}

/// The feed of that root.
pub(crate) fn identity(root_sha256: [u8; 32]) -> FeedIdentity {
    FeedIdentity {
        // One name for all: whose feed it is, the root says.
        name: "feed".into(),
        root_sha256,
    }
}

/// This machine has no clock that nobody can set: what was issued last is all that is known besides its own.
pub(crate) fn clock(now_s: i64) -> Time {
    Time {
        wall_ms: now_s.saturating_mul(1000),
        elapsed_ms: 0,
        boot_count: 0,
    }
}

/// Runs updates to their end: what is trusted then, the steps that led there, and the last one's outcome.
fn update(
    feed: &FeedIdentity,
    mut trusted: TrustedState,
    now_s: i64,
    mut get: impl FnMut(&str, u64) -> Result<Reply, Failure>,
) -> Result<(TrustedState, Vec<Commit>, Outcome), Failure> {
    let time = clock(now_s);
    let mut steps = Vec::new();
    loop {
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
            return Ok((trusted, steps, outcome));
        }
    }
}

fn root_version(trusted: &TrustedState) -> u64 {
    trusted.floors().get(&Role::Root).map_or(1, |floor| floor.version)
}

/// The bytes that came last under that name, if it is listed in the end.
fn brought<'a>(steps: &'a [Commit], name: &str) -> Option<&'a [u8]> {
    let activations = steps.iter().rev().filter_map(Commit::activation);
    let mut files = activations.filter_map(|files| files.iter().find(|file| file.name() == name));
    files.find_map(|file| file.bytes())
}
