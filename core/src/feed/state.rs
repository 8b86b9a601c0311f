//! What a phone remembers of a feed between updates, and the steps in which it learns more.

use std::collections::BTreeMap;

use super::clock::TrustedClock;
use super::error::{Reason, Role};
use super::files::Wanted;
use super::metadata::{Authority, Content, Listed, Root, Snapshot, Targets, Timestamp, Unverified, Verified};
use super::rotation::Rotation;
use super::search::Search;

/// Which feed, and what vouches for its first root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedIdentity {
    /// The name that configuration gives it.
    pub name: String,
    /// SHA-256 of `1.root.json`; nothing is trusted without it.
    pub root_sha256: [u8; 32],
}

/// The lowest version of a role that is still accepted. It outlives the metadata that set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Floor {
    /// The highest version seen, in the role's own metadata or listed by who vouches for it.
    pub version: u64,
    /// SHA-256 of that version's canonical signed part, once it was seen itself.
    pub signed_sha256: Option<[u8; 32]>,
}

/// The floors of a feed's roles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Floors(pub(crate) BTreeMap<Role, Floor>);

impl Floors {
    /// The role's floor, if it was ever seen.
    pub fn get(&self, role: &Role) -> Option<Floor> {
        self.0.get(role).copied()
    }

    /// The roles that were ever seen.
    pub(super) fn roles(&self) -> impl Iterator<Item = &Role> {
        self.0.keys()
    }

    /// Refuses a version below the floor.
    pub(super) fn check_version(&self, role: &Role, found: u64) -> Result<(), Reason> {
        match self.get(role) {
            Some(Floor { version: floor, .. }) if found < floor => Err(Reason::Rollback { found, floor }),
            _ => Ok(()),
        }
    }

    /// Refuses a version below the floor, and other content at the floor: nobody may say two things under one number.
    pub(super) fn check<T>(&self, role: &Role, metadata: &Verified<T>) -> Result<(), Reason> {
        let version = metadata.version();
        self.check_version(role, version)?;
        match self.get(role) {
            Some(floor) if floor.version == version => match floor.signed_sha256 {
                Some(seen) if seen != metadata.signed_sha256() => Err(Reason::Changed { version }),
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// The floor after a version was listed. An equal version keeps what is known of its content.
    pub(super) fn listed(&self, role: &Role, version: u64) -> Floor {
        match self.get(role) {
            Some(floor) if floor.version >= version => floor,
            _ => Floor {
                version,
                signed_sha256: None,
            },
        }
    }
}

/// A target file that is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveFile {
    /// Its path in the targets metadata.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// Its length in bytes.
    pub length: u64,
}

/// What the store holds of a feed. Every part of it was verified before it was stored; metadata is verified again
/// against the root of today before it is used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedState {
    /// The metadata files as they were served.
    pub(crate) metadata: BTreeMap<Role, Vec<u8>>,
    /// Floors, also of metadata that is not held any more.
    pub(crate) floors: Floors,
    /// Trusted time.
    pub(crate) clock: TrustedClock,
    /// The files in force.
    pub(crate) active: Vec<ActiveFile>,
}

impl TrustedState {
    /// The feed's trusted time.
    pub fn clock(&self) -> &TrustedClock {
        &self.clock
    }

    /// The floors of its roles.
    pub fn floors(&self) -> &Floors {
        &self.floors
    }

    /// The metadata that is held, by role, as it was served.
    pub fn metadata(&self) -> impl Iterator<Item = (&Role, &[u8])> {
        self.metadata.iter().map(|(role, bytes)| (role, bytes.as_slice()))
    }

    /// The files in force.
    pub fn active(&self) -> &[ActiveFile] {
        &self.active
    }

    /// Forgets which files are in force, so that the next update fetches them again.
    pub(crate) fn forget_files(&mut self) {
        self.active.clear();
    }

    /// Until when all metadata that is held is current, in seconds since 1970; `None` before the first whole update.
    /// After that the feed is stale: what is in force stays in force, and people are told.
    pub fn current_until(&self) -> Option<i64> {
        let root = self.root()?;
        let keys = root.content();
        let timestamp = self.timestamp(&keys.timestamp)?;
        let listed = &timestamp.content().snapshot;
        let snapshot: Verified<Snapshot> = self.held_as_listed(&Role::Snapshot, &keys.snapshot, listed)?;
        let listed = &snapshot.content().targets;
        let targets: Verified<Targets> = self.held_as_listed(&Role::Targets, &keys.targets, listed)?;
        let delegated = self.delegated_current_until(snapshot.content(), targets.content())?;
        let others = [
            timestamp.expires(),
            snapshot.expires(),
            targets.expires(),
            delegated,
        ];
        Some(others.into_iter().fold(root.expires(), i64::min))
    }

    /// The same of the delegated roles that are asked for what phones take.
    fn delegated_current_until(&self, snapshot: &Snapshot, targets: &Targets) -> Option<i64> {
        let mut until = i64::MAX;
        for wanted in Wanted::by_phones() {
            let mut search = Search::of(&wanted.name, targets);
            while let Some(delegation) = search.next_role().ok()? {
                let listed = snapshot.delegated.get(&delegation.name)?;
                let role = Role::Delegated(delegation.name);
                let held: Verified<Targets> = self.held_as_listed(&role, &delegation.authority, listed)?;
                until = until.min(held.expires());
                search.answered(held.content());
            }
        }
        Some(until)
    }

    /// The root that is held.
    pub(super) fn root(&self) -> Option<Verified<Root>> {
        let bytes = self.metadata.get(&Role::Root)?;
        Unverified::parse(bytes).ok()?.verify_self().ok()
    }

    /// The metadata of a role that is held, if it is what the list describes and `authority` signed it.
    pub(super) fn held_as_listed<T: Content>(
        &self,
        role: &Role,
        authority: &Authority,
        listed: &Listed,
    ) -> Option<Verified<T>> {
        let bytes = self.metadata.get(role)?;
        listed.description.check(bytes).ok()?;
        let held = Unverified::parse(bytes).ok()?;
        // Before the signatures, which cost more than all the rest.
        (held.version() == listed.version).then(|| held.verify(authority).ok())?
    }

    /// The timestamp that is held, if `authority` signed it.
    pub(super) fn timestamp(&self, authority: &Authority) -> Option<Verified<Timestamp>> {
        let bytes = self.metadata.get(&Role::Timestamp)?;
        Unverified::parse(bytes).ok()?.verify(authority).ok()
    }

    /// Takes in what the store takes in.
    pub(super) fn apply(&mut self, commit: &Commit) {
        if let Some(rotation) = commit.rotation {
            if rotation.resets_floors() {
                self.metadata.retain(|role, _| *role == Role::Root);
                self.floors.0.retain(|role, _| *role == Role::Root);
            }
            if rotation.resets_clock() {
                self.clock = TrustedClock::default();
            }
        }
        if let Some((role, bytes)) = &commit.metadata {
            self.metadata.insert(role.clone(), bytes.clone());
        }
        self.floors
            .0
            .extend(commit.floors.iter().map(|(role, floor)| (role.clone(), *floor)));
        if let Some(clock) = commit.clock {
            self.clock = clock;
        }
        if let Some(activation) = &commit.activation {
            self.active = activation.iter().map(|file| file.active.clone()).collect();
        }
    }
}

/// One step forward, to be stored in one transaction before the update goes on. Only the verifier makes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Commit {
    /// What a new root's rotation of keys throws away, before anything below is stored.
    pub(crate) rotation: Option<Rotation>,
    /// A role's metadata as it was served.
    pub(crate) metadata: Option<(Role, Vec<u8>)>,
    /// Floors that are set.
    pub(crate) floors: Vec<(Role, Floor)>,
    /// Trusted time, where it is known better now.
    pub(crate) clock: Option<TrustedClock>,
    /// All files that are in force from now on; one that is missing here no longer is.
    pub(crate) activation: Option<Vec<VerifiedFile>>,
}

impl Commit {
    /// The files that this step puts in force, all together; `None` when it changes none. Who cannot read them leaves
    /// the step unstored: what was in force stays, and the next update brings them again.
    pub fn activation(&self) -> Option<&[VerifiedFile]> {
        self.activation.as_deref()
    }
}

/// A target file whose length and hashes are those that were signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedFile {
    pub(crate) active: ActiveFile,
    /// `None` where the bytes are those in force already.
    pub(crate) bytes: Option<Vec<u8>>,
}

impl VerifiedFile {
    /// Its path in the targets metadata.
    pub fn name(&self) -> &str {
        &self.active.name
    }

    /// SHA-256 of its bytes.
    pub fn sha256(&self) -> [u8; 32] {
        self.active.sha256
    }

    /// Its bytes; `None` where the store has them already.
    pub fn bytes(&self) -> Option<&[u8]> {
        self.bytes.as_deref()
    }
}
