//! One update of one feed: the client workflow of TUF 5, as a state machine that is fed with files.

use super::error::{FeedError, Reason, Role};
use super::files::Files;
use super::hex;
use super::limits::{self, ROOTS_PER_UPDATE};
use super::metadata::{
    Authority, Content, Listed, Root, Snapshot, Targets, Timestamp, Unverified, Verified, sha256,
};
use super::rotation::Rotation;
use super::state::{Commit, FeedIdentity, Floor, TrustedState};
use crate::agent::message::Time;

/// An update under way.
#[derive(Debug)]
pub struct Update {
    feed: FeedIdentity,
    trusted: TrustedState,
    time: Time,
    /// Decides expiry, in seconds since 1970. Issue times learnt on the way do not move it (TUF 5.1).
    now_s: i64,
    roots_taken: u32,
    step: Step,
}

/// What an update needs next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// A file, to be answered by [`Update::received`].
    Fetch {
        /// Its path below the repository's address.
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
    /// It could not be had; why, in English.
    Failed(String),
}

#[derive(Debug)]
enum Step {
    FirstRoot,
    NextRoot(Verified<Root>),
    Timestamp(Verified<Root>),
    Snapshot(Verified<Root>, Listed),
    Targets(Verified<Root>, Listed),
    File(Files),
    Done(Outcome),
}

/// Where a step went wrong.
pub(super) type Stop = (Role, Reason);

impl Update {
    /// Begins an update. `time` is fixed for all of it (TUF 5.1).
    pub fn start(feed: &FeedIdentity, trusted: TrustedState, time: Time) -> Self {
        // A root that cannot be read back is as good as none: the chain is walked again from the pinned one, and the
        // root's floor still says how far it must reach.
        let step = trusted.root().map_or(Step::FirstRoot, Step::NextRoot);
        Self {
            feed: feed.clone(),
            now_s: seconds(trusted.clock.now_ms(time)),
            trusted,
            time,
            roots_taken: 0,
            step,
        }
    }

    /// What is needed now.
    pub fn next(&self) -> Next {
        let (path, max_bytes) = match &self.step {
            Step::FirstRoot => ("1.root.json".to_owned(), limits::max_bytes(&Role::Root)),
            Step::NextRoot(root) => {
                let version = root.version().saturating_add(1);
                (format!("{version}.root.json"), limits::max_bytes(&Role::Root))
            }
            Step::Timestamp(_) => ("timestamp.json".to_owned(), limits::max_bytes(&Role::Timestamp)),
            Step::Snapshot(root, listed) => metadata_request(root, &Role::Snapshot, listed),
            Step::Targets(root, listed) => metadata_request(root, &Role::Targets, listed),
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
            Step::Targets(root, listed) => {
                self.targets(&root, &listed, body(answer, &Role::Targets)?, commits)
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

    fn commit(&mut self, commit: Commit, commits: &mut Vec<Commit>) {
        self.trusted.apply(&commit);
        commits.push(commit);
    }

    /// TUF 5.2: the root that configuration vouches for.
    fn first_root(&mut self, bytes: &[u8], commits: &mut Vec<Commit>) -> Result<Step, Stop> {
        let root = pinned_root(bytes, &self.feed.root_sha256).map_err(of(Role::Root))?;
        Ok(self.accept_root(root, None, commits))
    }

    /// TUF 5.3.4 to 5.3.8: the root after the trusted one.
    fn next_root(
        &mut self,
        old: &Verified<Root>,
        bytes: &[u8],
        commits: &mut Vec<Commit>,
    ) -> Result<Step, Stop> {
        let new = Unverified::parse(bytes)
            .and_then(|root| root.verify_successor(old))
            .map_err(of(Role::Root))?;
        let rotation = Rotation::between(old.content(), new.content());
        self.roots_taken += 1;
        let full = self.roots_taken >= ROOTS_PER_UPDATE;
        match self.accept_root(new, rotation, commits) {
            Step::NextRoot(root) if full => self.root_chain_ended(root),
            step => Ok(step),
        }
    }

    /// Stores a root, expired or not: expiry is judged at the end of the chain (TUF 5.3.6).
    fn accept_root(
        &mut self,
        root: Verified<Root>,
        rotation: Option<Rotation>,
        commits: &mut Vec<Commit>,
    ) -> Step {
        let floor = self.trusted.floors.get(&Role::Root);
        // Below the floor the chain is only being walked again; what its rotations reset was reset then.
        let is_new = floor.is_none_or(|floor| root.version() > floor.version);
        let commit = Commit {
            rotation: rotation.filter(|_| is_new),
            floors: if is_new {
                vec![own_floor(Role::Root, &root)]
            } else {
                vec![]
            },
            metadata: Some((Role::Root, root.bytes().to_vec())),
            ..Commit::default()
        };
        self.commit(commit, commits);
        // A stolen timestamp key may have pushed the floor beyond any expiry; without it, the time is another.
        if is_new && rotation.is_some_and(Rotation::resets_clock) {
            self.now_s = seconds(self.trusted.clock.now_ms(self.time));
        }
        Step::NextRoot(root)
    }

    /// TUF 5.3.10: the last root of the chain must be current, and no older than the last one ever seen.
    fn root_chain_ended(&self, root: Verified<Root>) -> Result<Step, Stop> {
        self.trusted
            .floors
            .check(&Role::Root, &root)
            .and_then(|()| root.check_current(self.now_s))
            .map_err(of(Role::Root))?;
        Ok(Step::Timestamp(root))
    }

    /// TUF 5.4.
    fn timestamp(
        &mut self,
        root: Verified<Root>,
        bytes: &[u8],
        commits: &mut Vec<Commit>,
    ) -> Result<Step, Stop> {
        let authority = &root.content().timestamp;
        let new: Verified<Timestamp> = Unverified::parse(bytes)
            .and_then(|timestamp| timestamp.verify(authority))
            .map_err(of(Role::Timestamp))?;
        let floors = &self.trusted.floors;
        floors
            .check_version(&Role::Timestamp, new.version())
            .map_err(of(Role::Timestamp))?;

        // TUF 5.4.3.1: an equal version brings nothing new and is put aside; the held one still has to be current.
        let held: Option<Verified<Timestamp>> = self.trusted.held(authority);
        if let Some(held) = held.filter(|held| held.version() == new.version()) {
            held.check_current(self.now_s).map_err(of(Role::Timestamp))?;
            let clock = self.trusted.clock.carried_to(self.time);
            if clock != self.trusted.clock {
                self.commit(
                    Commit {
                        clock: Some(clock),
                        ..Commit::default()
                    },
                    commits,
                );
            }
            return self.snapshot_wanted(root, held.content().snapshot.clone(), commits);
        }

        floors
            .check(&Role::Timestamp, &new)
            .map_err(of(Role::Timestamp))?;
        let listed = &new.content().snapshot;
        floors
            .check_version(&Role::Snapshot, listed.version)
            .map_err(of(Role::Snapshot))?;
        new.check_current(self.now_s).map_err(of(Role::Timestamp))?;
        let clock = self
            .trusted
            .clock
            .advanced(new.content().issued, new.expires(), self.time)
            .map_err(of(Role::Timestamp))?;
        let commit = Commit {
            metadata: Some((Role::Timestamp, new.bytes().to_vec())),
            floors: vec![
                own_floor(Role::Timestamp, &new),
                (Role::Snapshot, floors.listed(&Role::Snapshot, listed.version)),
            ],
            clock: Some(clock),
            ..Commit::default()
        };
        let listed = listed.clone();
        self.commit(commit, commits);
        self.snapshot_wanted(root, listed, commits)
    }

    fn snapshot_wanted(
        &mut self,
        root: Verified<Root>,
        listed: Listed,
        commits: &mut Vec<Commit>,
    ) -> Result<Step, Stop> {
        check_listed_length(&Role::Snapshot, &listed)?;
        match self.held_as_listed::<Snapshot>(&root.content().snapshot, &listed) {
            Some(held) => {
                held.check_current(self.now_s).map_err(of(Role::Snapshot))?;
                self.targets_wanted(root, held.content().targets.clone(), commits)
            }
            None => Ok(Step::Snapshot(root, listed)),
        }
    }

    /// TUF 5.5.
    fn snapshot(
        &mut self,
        root: Verified<Root>,
        listed: &Listed,
        bytes: &[u8],
        commits: &mut Vec<Commit>,
    ) -> Result<Step, Stop> {
        let new: Verified<Snapshot> = verified_as_listed(&root.content().snapshot, listed, bytes)?;
        let floors = &self.trusted.floors;
        floors.check(&Role::Snapshot, &new).map_err(of(Role::Snapshot))?;
        let content = new.content();
        let delegated = content
            .delegated
            .iter()
            .map(|(name, listed)| (Role::Delegated(name.clone()), listed.version));
        let now_listed: Vec<(Role, u64)> = std::iter::once((Role::Targets, content.targets.version))
            .chain(delegated)
            .collect();
        for (role, version) in &now_listed {
            floors
                .check_version(role, *version)
                .map_err(|reason| (role.clone(), reason))?;
        }
        for role in floors.roles() {
            if let Role::Delegated(name) = role
                && !content.delegated.contains_key(name)
            {
                return Err((role.clone(), Reason::NoLongerListed));
            }
        }
        new.check_current(self.now_s).map_err(of(Role::Snapshot))?;
        let mut raised = vec![own_floor(Role::Snapshot, &new)];
        raised.extend(now_listed.into_iter().map(|(role, version)| {
            let floor = floors.listed(&role, version);
            (role, floor)
        }));
        let listed = content.targets.clone();
        let commit = Commit {
            metadata: Some((Role::Snapshot, new.bytes().to_vec())),
            floors: raised,
            ..Commit::default()
        };
        self.commit(commit, commits);
        self.targets_wanted(root, listed, commits)
    }

    fn targets_wanted(
        &mut self,
        root: Verified<Root>,
        listed: Listed,
        commits: &mut Vec<Commit>,
    ) -> Result<Step, Stop> {
        check_listed_length(&Role::Targets, &listed)?;
        match self.held_as_listed::<Targets>(&root.content().targets, &listed) {
            Some(held) => {
                held.check_current(self.now_s).map_err(of(Role::Targets))?;
                self.files_wanted(&root, &held, commits)
            }
            None => Ok(Step::Targets(root, listed)),
        }
    }

    /// TUF 5.6.
    fn targets(
        &mut self,
        root: &Verified<Root>,
        listed: &Listed,
        bytes: &[u8],
        commits: &mut Vec<Commit>,
    ) -> Result<Step, Stop> {
        let new: Verified<Targets> = verified_as_listed(&root.content().targets, listed, bytes)?;
        self.trusted
            .floors
            .check(&Role::Targets, &new)
            .and_then(|()| new.check_current(self.now_s))
            .map_err(of(Role::Targets))?;
        let commit = Commit {
            metadata: Some((Role::Targets, new.bytes().to_vec())),
            floors: vec![own_floor(Role::Targets, &new)],
            ..Commit::default()
        };
        self.commit(commit, commits);
        self.files_wanted(root, &new, commits)
    }

    /// TUF 5.7.
    fn files_wanted(
        &mut self,
        root: &Verified<Root>,
        targets: &Verified<Targets>,
        commits: &mut Vec<Commit>,
    ) -> Result<Step, Stop> {
        let consistent = root.content().consistent_snapshot;
        let files = Files::wanted(targets.content(), consistent, &self.trusted.active)?;
        Ok(self.next_file(files, commits))
    }

    /// All files become active in one step, when the last of them has verified.
    fn next_file(&mut self, files: Files, commits: &mut Vec<Commit>) -> Step {
        if files.more() {
            return Step::File(files);
        }
        let verified = files.into_verified();
        if verified.iter().map(|file| &file.active).eq(&self.trusted.active) {
            return Step::Done(Outcome::Unchanged);
        }
        self.commit(
            Commit {
                activation: Some(verified),
                ..Commit::default()
            },
            commits,
        );
        Step::Done(Outcome::Updated)
    }

    /// What is held of a role, if it is what the list describes and today's keys signed it.
    fn held_as_listed<T: Content>(&self, authority: &Authority, listed: &Listed) -> Option<Verified<T>> {
        self.trusted.held(authority).filter(|held: &Verified<T>| {
            held.version() == listed.version && listed.description.check(held.bytes()).is_ok()
        })
    }
}

/// The root that configuration names, and nothing else (TUF 5.2).
fn pinned_root(bytes: &[u8], pin: &[u8; 32]) -> Result<Verified<Root>, Reason> {
    let found = sha256(bytes);
    if found != *pin {
        return Err(Reason::NotPinned {
            found: hex::encode(&found),
            expected: hex::encode(pin),
        });
    }
    let root = Unverified::<Root>::parse(bytes)?.verify_self()?;
    match root.version() {
        1 => Ok(root),
        found => Err(Reason::WrongVersion { found, expected: 1 }),
    }
}

/// TUF 5.5.2 to 5.5.4 and 5.6.2 to 5.6.4: hashes first, then signatures, then the version.
fn verified_as_listed<T: Content>(
    authority: &Authority,
    listed: &Listed,
    bytes: &[u8],
) -> Result<Verified<T>, Stop> {
    let verify = || {
        listed.description.check(bytes)?;
        let metadata = Unverified::<T>::parse(bytes)?.verify(authority)?;
        let (found, expected) = (metadata.version(), listed.version);
        if found != expected {
            return Err(Reason::WrongVersion { found, expected });
        }
        Ok(metadata)
    };
    verify().map_err(of(T::ROLE))
}

fn metadata_request(root: &Verified<Root>, role: &Role, listed: &Listed) -> (String, u64) {
    let path = if root.content().consistent_snapshot {
        format!("{}.{role}.json", listed.version)
    } else {
        format!("{role}.json")
    };
    let max_bytes = listed
        .description
        .length
        .unwrap_or_else(|| limits::max_bytes(role));
    (path, max_bytes)
}

fn check_listed_length(role: &Role, listed: &Listed) -> Result<(), Stop> {
    let limit = limits::max_bytes(role);
    match listed.description.length {
        Some(found) if found > limit => Err((role.clone(), Reason::TooLong { found, limit })),
        _ => Ok(()),
    }
}

fn own_floor<T>(role: Role, metadata: &Verified<T>) -> (Role, Floor) {
    let floor = Floor {
        version: metadata.version(),
        signed_sha256: Some(metadata.signed_sha256()),
    };
    (role, floor)
}

fn body<'a>(answer: &Answer<'a>, role: &Role) -> Result<&'a [u8], Stop> {
    match answer {
        Answer::Body(bytes) => Ok(bytes),
        Answer::Missing => Err((role.clone(), Reason::Missing)),
        Answer::Failed(why) => Err((role.clone(), Reason::Unavailable(why.clone()))),
    }
}

fn of(role: Role) -> impl FnOnce(Reason) -> Stop {
    move |reason| (role, reason)
}

fn seconds(ms: i64) -> i64 {
    ms.div_euclid(1000)
}
