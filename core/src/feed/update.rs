//! One update of one feed: the client workflow of TUF 5, as a state machine that is fed with files.

use super::error::{FeedError, Reason, Role};
use super::files::{Files, Wanted};
use super::gathering::{Asked, Gathering};
use super::metadata::{Listed, Root, Snapshot, Verified};
use super::state::{Commit, FeedIdentity, TrustedState};
use super::{limits, path};
use crate::agent::message::Time;

/// An update under way.
#[derive(Debug)]
pub struct Update {
    pub(super) feed: FeedIdentity,
    pub(super) trusted: TrustedState,
    pub(super) time: Time,
    /// Decides expiry, in seconds since 1970. Issue times learnt on the way do not move it (TUF 5.1).
    pub(super) now_s: i64,
    pub(super) roots_taken: u32,
    /// The files that are brought; taken out once it is known what targets list.
    pub(super) wanted: Vec<Wanted>,
    step: Step,
}

/// What an update needs next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// A file, to be answered by [`Update::received`].
    Fetch {
        /// Its path below the repository's address, as a folder or an archive has it; [`super::url`] makes a URL of
        /// it. It never leads out of the repository.
        path: String,
        /// Bytes after which to give up.
        max_bytes: u64,
    },
    /// Nothing more.
    Done(Outcome),
}

/// How an update ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// All verified and current; the files in force are as they were.
    Unchanged,
    /// All verified and current; other files are in force.
    Updated,
    /// It stopped. What was trusted before still is.
    Failed(FeedError),
}

/// What came of a fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer<'a> {
    /// The file.
    Body(&'a [u8]),
    /// The server has no such file.
    Missing,
    /// It has more bytes than were asked for; how many, nobody waited for.
    TooLong,
    /// It could not be had; why, in English.
    Failed(String),
}

#[derive(Debug)]
pub(super) enum Step {
    FirstRoot,
    NextRoot(Verified<Root>),
    Timestamp(Verified<Root>),
    Snapshot(Verified<Root>, Listed),
    Targets(Verified<Root>, Snapshot),
    Delegated(Box<Gathering>, Asked),
    File(Files),
    Done(Outcome),
}

/// Where a step went wrong.
pub(super) type Stop = (Role, Reason);

impl Update {
    /// Begins an update that brings what phones take of a feed. `time` is fixed for all of it (TUF 5.1).
    pub fn start(feed: &FeedIdentity, trusted: TrustedState, time: Time) -> Self {
        Self::start_for(feed, trusted, time, Wanted::by_phones())
    }

    /// Begins an update that brings these target files, in this order; afterwards they are the files in force, and no
    /// others. With none it brings the metadata alone, and leaves in force what is.
    pub fn start_for(feed: &FeedIdentity, trusted: TrustedState, time: Time, wanted: Vec<Wanted>) -> Self {
        // A root that cannot be read back is as good as none: the chain is walked again from the pinned one, and the
        // root's floor still says how far it must reach.
        let step = trusted.root().map_or(Step::FirstRoot, Step::NextRoot);
        Self {
            feed: feed.clone(),
            now_s: seconds(trusted.clock.now_ms(time)),
            trusted,
            time,
            roots_taken: 0,
            wanted,
            step,
        }
    }

    /// Begins with a root that configuration gave instead of fetching it, where none is held yet. What it returns is
    /// stored as that of [`Update::received`].
    pub fn given_root(&mut self, bytes: &[u8]) -> Vec<Commit> {
        match self.step {
            Step::FirstRoot => self.received(&Answer::Body(bytes)),
            _ => Vec::new(),
        }
    }

    /// What is needed now.
    pub fn next(&self) -> Next {
        let (path, max_bytes) = match &self.step {
            Step::FirstRoot => (
                path::of_metadata(Role::Root.name(), 1, true),
                limits::max_bytes(&Role::Root),
            ),
            Step::NextRoot(root) => {
                let version = root.version().saturating_add(1);
                (
                    path::of_metadata(Role::Root.name(), version, true),
                    limits::max_bytes(&Role::Root),
                )
            }
            Step::Timestamp(_) => ("timestamp.json".to_owned(), limits::max_bytes(&Role::Timestamp)),
            Step::Snapshot(root, listed) => {
                metadata_request(&Role::Snapshot, listed, root.content().consistent_snapshot)
            }
            Step::Targets(root, snapshot) => {
                let consistent = root.content().consistent_snapshot;
                metadata_request(&Role::Targets, &snapshot.targets, consistent)
            }
            Step::Delegated(gathering, Asked { delegation, listed }) => {
                let role = Role::Delegated(delegation.name.clone());
                metadata_request(&role, listed, gathering.consistent_snapshot())
            }
            Step::File(files) => files.request(),
            Step::Done(outcome) => return Next::Done(outcome.clone()),
        };
        Next::Fetch { path, max_bytes }
    }

    /// What is trusted by now.
    pub fn trusted(&self) -> &TrustedState {
        &self.trusted
    }

    /// Takes the answer to what [`Update::next`] asked for. What it returns must be stored, in this order, one
    /// transaction each; an update whose steps cannot be stored must be dropped. A failure shows in the next
    /// [`Update::next`], so that steps taken just before it are not lost.
    pub fn received(&mut self, answer: &Answer<'_>) -> Vec<Commit> {
        let mut commits = Vec::new();
        let step = std::mem::replace(&mut self.step, Step::Done(Outcome::Unchanged));
        self.step = match self.advance(step, answer, &mut commits) {
            Ok(step) => step,
            Err((role, reason)) => Step::Done(Outcome::Failed(FeedError {
                feed: self.feed.name.clone(),
                role,
                reason,
            })),
        };
        commits
    }

    fn advance(&mut self, step: Step, answer: &Answer<'_>, commits: &mut Vec<Commit>) -> Result<Step, Stop> {
        match step {
            Step::FirstRoot => self.first_root(body(answer, &Role::Root)?, commits),
            Step::NextRoot(root) => match answer {
                Answer::Missing => self.root_chain_ended(root),
                _ => self.next_root(&root, body(answer, &Role::Root)?, commits),
            },
            Step::Timestamp(root) => self.timestamp(root, body(answer, &Role::Timestamp)?, commits),
            Step::Snapshot(root, listed) => {
                self.snapshot(root, &listed, body(answer, &Role::Snapshot)?, commits)
            }
            Step::Targets(root, snapshot) => {
                self.targets(&root, snapshot, body(answer, &Role::Targets)?, commits)
            }
            Step::Delegated(gathering, asked) => {
                let bytes = body(answer, &asked.role())?;
                self.delegated(gathering, &asked, bytes, commits)
            }
            Step::File(mut files) => {
                let role = files.role();
                files
                    .received(body(answer, &role)?)
                    .map_err(|reason| (role, reason))?;
                Ok(self.next_file(files, commits))
            }
            done @ Step::Done(_) => Ok(done),
        }
    }

    pub(super) fn commit(&mut self, commit: Commit, commits: &mut Vec<Commit>) {
        self.trusted.apply(&commit);
        commits.push(commit);
    }
}

pub(super) fn metadata_request(role: &Role, listed: &Listed, consistent_snapshot: bool) -> (String, u64) {
    let path = path::of_metadata(role.name(), listed.version, consistent_snapshot);
    let max_bytes = listed
        .description
        .length
        .unwrap_or_else(|| limits::max_bytes(role));
    (path, max_bytes)
}

pub(super) fn body<'a>(answer: &Answer<'a>, role: &Role) -> Result<&'a [u8], Stop> {
    match answer {
        Answer::Body(bytes) => Ok(bytes),
        Answer::Missing => Err((role.clone(), Reason::Missing)),
        Answer::TooLong => Err((role.clone(), Reason::Endless)),
        Answer::Failed(why) => Err((role.clone(), Reason::Unavailable(why.clone()))),
    }
}

pub(super) fn seconds(ms: i64) -> i64 {
    ms.div_euclid(1000)
}
