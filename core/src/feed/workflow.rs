//! The client workflow, role by role: what must hold before the next step is taken (TUF 5.2 to 5.7).

use super::error::{Reason, Role};
use super::files::Files;
use super::gathering::{Asked, Gathering};
use super::hex;
use super::limits::{self, ROOTS_PER_UPDATE};
use super::metadata::{
    Authority, Content, Listed, Root, Snapshot, Targets, Timestamp, Unverified, Verified, sha256,
};
use super::rotation::Rotation;
use super::state::{Commit, Floor};
use super::update::{Outcome, Step, Stop, Update, seconds};

impl Update {
    /// TUF 5.2: the root that configuration vouches for.
    pub(super) fn first_root(&mut self, bytes: &[u8], commits: &mut Vec<Commit>) -> Result<Step, Stop> {
        let root = pinned_root(bytes, &self.feed.root_sha256).map_err(of(Role::Root))?;
        Ok(self.accept_root(root, None, commits))
    }

    /// TUF 5.3.4 to 5.3.8: the root after the trusted one.
    pub(super) fn next_root(
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
    pub(super) fn root_chain_ended(&self, root: Verified<Root>) -> Result<Step, Stop> {
        self.trusted
            .floors
            .check(&Role::Root, &root)
            .and_then(|()| root.check_current(self.now_s))
            .map_err(of(Role::Root))?;
        Ok(Step::Timestamp(root))
    }

    /// TUF 5.4.
    pub(super) fn timestamp(
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
        let again = floors
            .get(&Role::Timestamp)
            .is_some_and(|floor| floor.version == new.version());
        let same = self.trusted.metadata.get(&Role::Timestamp).map(Vec::as_slice) == Some(new.bytes());
        // The same bytes need not be verified a second time.
        let held = (again && !same)
            .then(|| self.trusted.timestamp(authority))
            .flatten();
        let held = if same { Some(&new) } else { held.as_ref() };
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
        match self
            .trusted
            .held_as_listed::<Snapshot>(&Role::Snapshot, &root.content().snapshot, &listed)
        {
            Some(held) => {
                held.check_current(self.now_s).map_err(of(Role::Snapshot))?;
                self.targets_wanted(root, held.into_content(), commits)
            }
            None => Ok(Step::Snapshot(root, listed)),
        }
    }

    /// TUF 5.5.
    pub(super) fn snapshot(
        &mut self,
        root: Verified<Root>,
        listed: &Listed,
        bytes: &[u8],
        commits: &mut Vec<Commit>,
    ) -> Result<Step, Stop> {
        let new: Verified<Snapshot> =
            verified_as_listed(Role::Snapshot, &root.content().snapshot, listed, bytes)?;
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
        let listed = now_listed.into_iter().map(|(role, version)| {
            let floor = floors.listed(&role, version);
            (role, floor)
        });
        // Of thousands of roles most are as they were.
        raised.extend(listed.filter(|(role, floor)| floors.get(role) != Some(*floor)));
        let commit = Commit {
            metadata: Some((Role::Snapshot, new.bytes().to_vec())),
            floors: raised,
            ..Commit::default()
        };
        self.commit(commit, commits);
        self.targets_wanted(root, new.into_content(), commits)
    }

    fn targets_wanted(
        &mut self,
        root: Verified<Root>,
        snapshot: Snapshot,
        commits: &mut Vec<Commit>,
    ) -> Result<Step, Stop> {
        let (role, listed) = (Role::Targets, &snapshot.targets);
        check_listed_length(&role, listed)?;
        match self
            .trusted
            .held_as_listed::<Targets>(&role, &root.content().targets, listed)
        {
            Some(held) => {
                held.check_current(self.now_s).map_err(of(role))?;
                self.gather(&root, snapshot, held.into_content(), commits)
            }
            None => Ok(Step::Targets(root, snapshot)),
        }
    }

    /// TUF 5.6.
    pub(super) fn targets(
        &mut self,
        root: &Verified<Root>,
        snapshot: Snapshot,
        bytes: &[u8],
        commits: &mut Vec<Commit>,
    ) -> Result<Step, Stop> {
        let authority = &root.content().targets;
        let targets = self.new_targets(Role::Targets, authority, &snapshot.targets, bytes, commits)?;
        self.gather(root, snapshot, targets, commits)
    }

    /// TUF 5.6.7: a role that targets are delegated to is verified as targets are.
    pub(super) fn delegated(
        &mut self,
        mut gathering: Box<Gathering>,
        asked: &Asked,
        bytes: &[u8],
        commits: &mut Vec<Commit>,
    ) -> Result<Step, Stop> {
        let authority = &asked.delegation.authority;
        let targets = self.new_targets(asked.role(), authority, &asked.listed, bytes, commits)?;
        gathering.answered(&targets);
        self.gather_on(gathering, commits)
    }

    fn new_targets(
        &mut self,
        role: Role,
        authority: &Authority,
        listed: &Listed,
        bytes: &[u8],
        commits: &mut Vec<Commit>,
    ) -> Result<Targets, Stop> {
        let new: Verified<Targets> = verified_as_listed(role.clone(), authority, listed, bytes)?;
        self.trusted
            .floors
            .check(&role, &new)
            .and_then(|()| new.check_current(self.now_s))
            .map_err(of(role.clone()))?;
        let commit = Commit {
            metadata: Some((role.clone(), new.bytes().to_vec())),
            floors: vec![own_floor(role, &new)],
            ..Commit::default()
        };
        self.commit(commit, commits);
        Ok(new.into_content())
    }

    fn gather(
        &mut self,
        root: &Verified<Root>,
        snapshot: Snapshot,
        targets: Targets,
        commits: &mut Vec<Commit>,
    ) -> Result<Step, Stop> {
        let wanted = std::mem::take(&mut self.wanted);
        if wanted.is_empty() {
            return Ok(Step::Done(Outcome::Unchanged));
        }
        let consistent = root.content().consistent_snapshot;
        let gathering = Gathering::new(consistent, snapshot, targets, wanted);
        self.gather_on(Box::new(gathering), commits)
    }

    /// Looks the wanted files up, as far as the roles that must be asked are held.
    fn gather_on(&mut self, mut gathering: Box<Gathering>, commits: &mut Vec<Commit>) -> Result<Step, Stop> {
        while let Some(asked) = gathering.next_role(&self.trusted.active)? {
            let role = asked.role();
            check_listed_length(&role, &asked.listed)?;
            match self
                .trusted
                .held_as_listed::<Targets>(&role, &asked.delegation.authority, &asked.listed)
            {
                Some(held) => {
                    held.check_current(self.now_s).map_err(of(role))?;
                    gathering.answered(held.content());
                }
                None => return Ok(Step::Delegated(gathering, asked)),
            }
        }
        Ok(self.next_file(gathering.into_files(), commits))
    }

    /// All files become active in one step, when the last of them has verified.
    pub(super) fn next_file(&mut self, files: Files, commits: &mut Vec<Commit>) -> Step {
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
    Unverified::<Root>::parse(bytes)?.verify_self()
}

/// TUF 5.5.2 to 5.5.4 and 5.6.2 to 5.6.4: hashes first, then signatures, then the version.
pub(super) fn verified_as_listed<T: Content>(
    role: Role,
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
    verify().map_err(of(role))
}

pub(super) fn check_listed_length(role: &Role, listed: &Listed) -> Result<(), Stop> {
    let limit = limits::max_bytes(role);
    match listed.description.length {
        Some(found) if found > limit => Err((role.clone(), Reason::TooLong { found, limit })),
        _ => Ok(()),
    }
}

pub(super) fn own_floor<T>(role: Role, metadata: &Verified<T>) -> (Role, Floor) {
    let floor = Floor {
        version: metadata.version(),
        signed_sha256: Some(metadata.signed_sha256()),
    };
    (role, floor)
}

fn of(role: Role) -> impl FnOnce(Reason) -> Stop {
    move |reason| (role, reason)
}
