//! A feed being worked on: what is published, and what is staged to come in its place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sluis_core::feed::rfc3339;

use super::authority::View;
use super::metadata::{Draft, ROOT, SNAPSHOT, TARGETS, TIMESTAMP};
use super::repository::Published;
use super::staging::{self, Staging};
use super::target::Listed;
use crate::failure::Failure;
use crate::output::shown;

/// How long versions of a role hold, in days, where the feed says nothing of it.
const DEFAULT_DAYS: [(&str, i64); 4] = [(ROOT, 365), (TARGETS, 90), (SNAPSHOT, 30), (TIMESTAMP, 14)];
/// A field of the root that says it: an object of days by role. Phones do not read it.
pub(super) const DAYS: &str = "x-sluis-days";

/// All that a command works on. Changes are in memory until they are saved.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) folder: PathBuf,
    pub(super) staging: Staging,
    /// `None` until the first root is published.
    pub(super) published: Option<Published>,
    /// Staged metadata by role.
    staged: BTreeMap<String, Draft>,
    /// Target files to be staged with it, by path in the feed.
    files: BTreeMap<String, Vec<u8>>,
    /// Paths of metadata that is staged on the disk and no longer should be.
    unstaged: Vec<String>,
}

impl Desk {
    /// Takes up a feed that is there.
    pub(super) fn open(folder: &Path) -> Result<Self, Failure> {
        match Self::open_in_any_case(folder)? {
            (desk, None) => Ok(desk),
            (_, Some(problem)) => Err(problem),
        }
    }

    /// Takes up a feed even when what is staged cannot be worked with; the second answer is why. What is published has to
    /// stay fresh, whatever somebody else left half done.
    pub(super) fn open_in_any_case(folder: &Path) -> Result<(Self, Option<Failure>), Failure> {
        must_exist(folder)?;
        let (mut desk, problem) = Self::begin(folder)?;
        let problem = problem.or_else(|| desk.take_up_staged().err());
        if problem.is_some() {
            desk.set_aside();
        }
        Ok((desk, problem))
    }

    /// Works on as if nothing were staged; what is, stays where it is.
    pub(super) fn set_aside(&mut self) {
        self.staged.clear();
    }

    fn take_up_staged(&mut self) -> Result<(), Failure> {
        for draft in self.staging.drafts()? {
            self.take_up(draft)?;
        }
        Ok(())
    }

    /// Takes up a feed without what is staged; the second answer is why that could not be worked with.
    fn begin(folder: &Path) -> Result<(Self, Option<Failure>), Failure> {
        let (staging, problem) = Staging::take(folder)?;
        let desk = Self {
            folder: folder.to_owned(),
            published: Published::read(folder)?,
            staging,
            staged: BTreeMap::new(),
            files: BTreeMap::new(),
            unstaged: Vec::new(),
        };
        Ok((desk, problem))
    }

    /// Takes up a folder in which a feed is to be made.
    pub(super) fn begin_new(folder: &Path) -> Result<Self, Failure> {
        match Self::begin(folder)? {
            (desk, None) => Ok(desk),
            (_, Some(problem)) => Err(problem),
        }
    }

    fn take_up(&mut self, draft: Draft) -> Result<(), Failure> {
        let next = self.next_version(draft.role());
        let role = draft.role().to_owned();
        match draft.version() {
            version if version == next => drop(self.staged.insert(role, draft)),
            // Made anew with each publication.
            _ if [SNAPSHOT, TIMESTAMP].contains(&role.as_str()) => {}
            version => {
                return Err(Failure::file(
                    &self.staging.path().join(draft.path()),
                    format!(
                        "version {version} of {} is staged, but the next to be published is {next}: somebody published \
                         meanwhile. `sluis feed discard {}` throws away what is staged; then begin anew",
                        shown(&role),
                        self.folder.display()
                    ),
                ));
            }
        }
        Ok(())
    }

    /// The version that a role gets next. A role to which nobody delegates any more stays in the snapshot, so one that
    /// comes back goes on from there.
    pub(super) fn next_version(&self, role: &str) -> u64 {
        if let Some(published) = self.get_published(role) {
            return published.version() + 1;
        }
        let meta = self
            .get_published(SNAPSHOT)
            .map(|snapshot| snapshot.object("meta"));
        let listed = meta.as_ref().and_then(|meta| meta.get(&format!("{role}.json")));
        listed
            .and_then(|listed| listed.get("version")?.as_u64())
            .unwrap_or_default()
            + 1
    }

    /// What is staged.
    pub(super) fn staged(&self) -> impl Iterator<Item = &Draft> {
        self.staged.values()
    }

    pub(super) fn staged_mut(&mut self) -> impl Iterator<Item = &mut Draft> {
        self.staged.values_mut()
    }

    /// A role's metadata as it is staged.
    pub(super) fn get_staged(&self, role: &str) -> Option<&Draft> {
        self.staged.get(role)
    }

    /// A role's metadata as it is published.
    pub(super) fn get_published(&self, role: &str) -> Option<&Draft> {
        self.published.as_ref()?.get(role)
    }

    /// A role's metadata as it will be.
    pub(super) fn get(&self, role: &str) -> Option<&Draft> {
        self.get_staged(role).or_else(|| self.get_published(role))
    }

    /// The root as it will be.
    pub(super) fn root(&self) -> Result<&Draft, Failure> {
        self.get(ROOT)
            .ok_or_else(|| Failure::file(&self.folder, "there is no root here"))
    }

    /// Everything as it will be.
    pub(super) fn view(&self) -> Result<View<'_>, Failure> {
        self.view_with(&|_| true)
    }

    /// Everything as it will be if of the staged roles only these are published.
    pub(super) fn view_with(&self, chosen: &dyn Fn(&str) -> bool) -> Result<View<'_>, Failure> {
        let get = |role: &str| {
            let staged = self.get_staged(role).filter(|_| chosen(role));
            staged.or_else(|| self.get_published(role))
        };
        let root = get(ROOT).ok_or_else(|| Failure::file(&self.folder, "there is no root here"))?;
        let published = self
            .published
            .iter()
            .flat_map(|published| published.others.keys());
        let mut roles: Vec<&String> = published.chain(self.staged.keys()).collect();
        roles.sort();
        roles.dedup();
        let targets = roles.into_iter().filter(|role| is_targets(role));
        let old_root = self.published.as_ref().map(|published| &published.root);
        Ok(View::new(
            old_root,
            root,
            targets.filter_map(|role| get(role)).collect(),
        ))
    }

    /// A role's next version, to be changed. It holds from now on for as long as the role's versions do.
    pub(super) fn edit(&mut self, role: &str, expires: i64) -> Result<&mut Draft, Failure> {
        if !self.staged.contains_key(role) {
            let published = self.get_published(role).ok_or_else(|| {
                let known = shown(&self.delegated().join(", "));
                Failure::unusable(match role {
                    TARGETS => "nothing is in this feed yet: publish a policy first".to_owned(),
                    _ if known.is_empty() => {
                        format!("{role} is not a role of this feed: `sluis feed delegate` makes it one")
                    }
                    _ => format!("{role} is not a role of this feed; its delegated roles are {known}"),
                })
            })?;
            self.staged.insert(role.to_owned(), published.successor());
        }
        let draft = self
            .staged
            .get_mut(role)
            .ok_or_else(|| Failure::unusable(format!("{role} cannot be staged")))?;
        draft.set("expires", sluis_core::feed::rfc3339::format(expires).into());
        Ok(draft)
    }

    /// Stages a role's metadata as it is.
    pub(super) fn stage(&mut self, draft: Draft) {
        self.staged.insert(draft.role().to_owned(), draft);
    }

    /// No longer stages a role's metadata.
    pub(super) fn unstage(&mut self, role: &str) {
        self.unstaged
            .extend(self.staged.remove(role).map(|draft| draft.path()));
    }

    /// Stages a target file.
    pub(super) fn stage_file(&mut self, path: String, bytes: Vec<u8>) {
        self.files.insert(path, bytes);
    }

    /// A file as readers will see it, whether it is saved yet or not.
    pub(super) fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Failure> {
        match self.files.get(path) {
            Some(bytes) => Ok(Some(bytes.clone())),
            None => self.staging.read(path),
        }
    }

    /// A target file as readers will see it, if it is what these targets list.
    pub(super) fn read_listed(&self, targets: &Draft, file: &Listed) -> Result<Vec<u8>, Failure> {
        let list = shown(&targets.path());
        let problem = match self.read(&file.path)? {
            Some(bytes) if file.is(&bytes) => return Ok(bytes),
            Some(_) => format!("this file is not what {list} lists: add it again"),
            None => format!("{list} lists this file, but it is not there: add it again"),
        };
        Err(Failure::file(&self.folder.join(&file.path), problem))
    }

    /// Writes what is staged to the staging folder.
    pub(super) fn save(&self) -> Result<(), Failure> {
        for path in &self.unstaged {
            self.staging.remove(path)?;
        }
        for (path, bytes) in &self.files {
            self.staging.write(path, bytes)?;
        }
        for draft in self.staged.values() {
            self.staging.write(&draft.path(), &draft.to_bytes()?)?;
        }
        Ok(())
    }

    /// The roles that targets delegate to.
    pub(super) fn delegated(&self) -> Vec<&str> {
        let published = self
            .published
            .iter()
            .flat_map(|published| published.others.keys());
        let roles = published.chain(self.staged.keys()).map(String::as_str);
        let mut roles: Vec<&str> = roles
            .filter(|role| is_targets(role) && *role != TARGETS)
            .collect();
        roles.sort_unstable();
        roles.dedup();
        roles
    }

    /// When a version of this role that is made now expires; `days` where somebody says so now, else what the feed
    /// says. Seconds since 1970.
    pub(super) fn expiry(&self, role: &str, days: Option<i64>, now: i64) -> Result<i64, Failure> {
        let said = self.root()?.object(DAYS).get(role).and_then(Value::as_i64);
        let days = days.or(said).unwrap_or_else(|| default_days(role));
        Ok(now.saturating_add(days.saturating_mul(rfc3339::SECONDS_IN_DAY)))
    }
}

/// Says how to make a feed where there is none.
pub(super) fn must_exist(folder: &Path) -> Result<(), Failure> {
    if folder.join("1.root.json").exists() || staging::folder_of(folder).join("1.root.json").exists() {
        return Ok(());
    }
    Err(Failure::file(
        folder,
        "there is no feed here (no 1.root.json); make one with `sluis feed init`",
    ))
}

/// How long versions of a role hold where nobody says so.
pub(super) fn default_days(role: &str) -> i64 {
    let role = if is_targets(role) { TARGETS } else { role };
    let found = DEFAULT_DAYS.iter().find(|(name, _)| *name == role);
    found.map_or(0, |(_, days)| *days)
}

/// Whether a role lists target files.
pub(super) fn is_targets(role: &str) -> bool {
    ![ROOT, SNAPSHOT, TIMESTAMP].contains(&role)
}
