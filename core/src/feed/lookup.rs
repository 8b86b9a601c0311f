//! The agent's own package on a feed: who lists it, and whether these bytes are it.
//!
//! It is no part of an update, so that it can hold no policy back: it is looked for afterwards, in the metadata that the
//! update has just verified. Only roles that are delegated to are fetched for it, and then the file, if it is wanted.

use super::error::{FeedError, Reason, Role};
use super::gathering::Asked;
use super::metadata::{FileDescription, Release, Root, Snapshot, Targets, Verified, sha256};
use super::search::Search;
use super::state::{Commit, FeedIdentity, TrustedState};
use super::update::{Answer, Stop, body, metadata_request, seconds};
use super::workflow::{check_listed_length, own_floor, verified_as_listed};
use super::{AGENT, hex, path};
use crate::agent::message::Time;

/// A look for the agent's package on one feed.
#[derive(Debug)]
pub struct Lookup {
    feed: String,
    trusted: TrustedState,
    /// Decides expiry, in seconds since 1970.
    now_s: i64,
    step: Step,
}

#[derive(Debug)]
enum Step {
    Role(Box<Listing>, Asked),
    File(Offer),
    Done(Sought),
}

/// Where it is being looked for.
#[derive(Debug)]
struct Listing {
    consistent_snapshot: bool,
    snapshot: Snapshot,
    search: Search,
}

/// The agent's package as a feed lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Which version it is; `None` where that is not said.
    pub release: Option<Release>,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// Its length in bytes.
    pub length: u64,
    /// Its path below the repository's address; [`super::url`] makes a URL of it.
    pub path: String,
    description: FileDescription,
}

/// What a look has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sought {
    /// It needs a role's metadata, to be answered by [`Lookup::received`].
    Metadata {
        /// Its path below the repository's address.
        path: String,
        /// Bytes after which to give up.
        max_bytes: u64,
    },
    /// The feed lists it. Whoever wants it fetches [`Offer::path`], of [`Offer::length`] bytes at most, and answers by
    /// [`Lookup::received`].
    Listed(Offer),
    /// What was fetched last is what is listed.
    Verified(Offer),
    /// The feed does not list it.
    NotListed,
    /// It stopped.
    Failed(FeedError),
}

impl Lookup {
    /// Begins with what an update has verified. All of it must be current still.
    pub fn start(feed: &FeedIdentity, trusted: TrustedState, time: Time) -> Self {
        let now_s = seconds(trusted.clock.now_ms(time));
        let mut lookup = Self {
            feed: feed.name.clone(),
            trusted,
            now_s,
            step: Step::Done(Sought::NotListed),
        };
        let begun = lookup.held().and_then(|listing| lookup.go_on(Box::new(listing)));
        lookup.step = lookup.or_stopped(begun);
        lookup
    }

    /// Where it stands.
    pub fn sought(&self) -> Sought {
        match &self.step {
            Step::Role(listing, Asked { delegation, listed }) => {
                let role = Role::Delegated(delegation.name.clone());
                let (path, max_bytes) = metadata_request(&role, listed, listing.consistent_snapshot);
                Sought::Metadata { path, max_bytes }
            }
            Step::File(offer) => Sought::Listed(offer.clone()),
            Step::Done(sought) => sought.clone(),
        }
    }

    /// Takes in what was asked for. What it returns must be stored in one transaction.
    pub fn received(&mut self, answer: &Answer<'_>) -> Option<Commit> {
        let step = std::mem::replace(&mut self.step, Step::Done(Sought::NotListed));
        let mut commit = None;
        let next = match step {
            Step::Role(listing, asked) => self.role(listing, &asked, answer, &mut commit),
            Step::File(offer) => check(&offer, answer).map(|()| Step::Done(Sought::Verified(offer))),
            done @ Step::Done(_) => Ok(done),
        };
        self.step = self.or_stopped(next);
        commit
    }

    /// Root, timestamp, snapshot and targets as they are held, if they are what an update would take today.
    fn held(&self) -> Result<Listing, Stop> {
        let missing = |role: Role| (role, Reason::Missing);
        let root: Verified<Root> = self.trusted.root().ok_or_else(|| missing(Role::Root))?;
        let keys = root.content();
        let timestamp = self
            .trusted
            .timestamp(&keys.timestamp)
            .ok_or_else(|| missing(Role::Timestamp))?;
        let snapshot: Verified<Snapshot> = self
            .trusted
            .held_as_listed(&Role::Snapshot, &keys.snapshot, &timestamp.content().snapshot)
            .ok_or_else(|| missing(Role::Snapshot))?;
        let targets: Verified<Targets> = self
            .trusted
            .held_as_listed(&Role::Targets, &keys.targets, &snapshot.content().targets)
            .ok_or_else(|| missing(Role::Targets))?;
        root.check_current(self.now_s).map_err(|why| (Role::Root, why))?;
        timestamp
            .check_current(self.now_s)
            .map_err(|why| (Role::Timestamp, why))?;
        snapshot
            .check_current(self.now_s)
            .map_err(|why| (Role::Snapshot, why))?;
        targets
            .check_current(self.now_s)
            .map_err(|why| (Role::Targets, why))?;
        Ok(Listing {
            consistent_snapshot: keys.consistent_snapshot,
            search: Search::of(AGENT, targets.content()),
            snapshot: snapshot.into_content(),
        })
    }

    /// Asks roles in the order that TUF 5.6.7 prescribes, as far as they are held.
    fn go_on(&self, mut listing: Box<Listing>) -> Result<Step, Stop> {
        let file = || Role::File(AGENT.into());
        while let Some(delegation) = listing.search.next_role().map_err(|why| (file(), why))? {
            let role = Role::Delegated(delegation.name.clone());
            let Some(listed) = listing.snapshot.delegated.get(&delegation.name).cloned() else {
                return Err((role, Reason::NotListed));
            };
            check_listed_length(&role, &listed)?;
            match self
                .trusted
                .held_as_listed::<Targets>(&role, &delegation.authority, &listed)
            {
                Some(held) => {
                    held.check_current(self.now_s).map_err(|why| (role, why))?;
                    listing.search.answered(held.content());
                }
                None => return Ok(Step::Role(listing, Asked { delegation, listed })),
            }
        }
        let Some(description) = listing.search.found() else {
            return Ok(Step::Done(Sought::NotListed));
        };
        let sha256 = description.sha256.ok_or_else(|| (file(), Reason::NoKnownHash))?;
        let hash = hex::encode(&sha256);
        Ok(Step::File(Offer {
            release: description.release.clone(),
            sha256,
            length: description.length.unwrap_or_default(),
            path: path::of_target(AGENT, listing.consistent_snapshot.then_some(hash.as_str())),
            description,
        }))
    }

    /// TUF 5.6.7: a role that targets are delegated to is verified as targets are.
    fn role(
        &mut self,
        mut listing: Box<Listing>,
        asked: &Asked,
        answer: &Answer<'_>,
        commit: &mut Option<Commit>,
    ) -> Result<Step, Stop> {
        let role = asked.role();
        let bytes = body(answer, &role)?;
        let authority = &asked.delegation.authority;
        let new: Verified<Targets> = verified_as_listed(role.clone(), authority, &asked.listed, bytes)?;
        self.trusted
            .floors
            .check(&role, &new)
            .and_then(|()| new.check_current(self.now_s))
            .map_err(|why| (role.clone(), why))?;
        let step = Commit {
            metadata: Some((role.clone(), new.bytes().to_vec())),
            floors: vec![own_floor(role, &new)],
            ..Commit::default()
        };
        self.trusted.apply(&step);
        *commit = Some(step);
        listing.search.answered(new.content());
        self.go_on(listing)
    }

    fn or_stopped(&self, next: Result<Step, Stop>) -> Step {
        next.unwrap_or_else(|(role, reason)| {
            Step::Done(Sought::Failed(FeedError {
                feed: self.feed.clone(),
                role,
                reason,
            }))
        })
    }
}

fn check(offer: &Offer, answer: &Answer<'_>) -> Result<(), Stop> {
    let role = Role::File(AGENT.into());
    let bytes = body(answer, &role)?;
    offer
        .description
        .check_hashed(bytes, &sha256(bytes))
        .map_err(|why| (role, why))
}
