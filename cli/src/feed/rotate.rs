//! `sluis feed rotate`, `revoke` and `renew`: other keys for a role, and a new root that says so.

use std::path::{Path, PathBuf};

use clap::Args;

use super::authority::Authority;
use super::desk::{Desk, is_targets};
use super::keyholders::{self, Holders};
use super::keys::{KeyRing, PublicKey, short};
use super::metadata::{Draft, ROOT, TOP_LEVEL};
use super::new_keys::{Need, NewKeys};
use super::online::Terms;
use super::options::{self, Clock, Keys, Pause};
use super::publish;
use crate::failure::Failure;
use crate::output::{self, shown};

pub(super) const ROTATE_HELP: &str = "\
Examples:
  sluis feed rotate /srv/feed timestamp --keys /media/usb/feed-keys --keys /etc/sluis/keys
  sluis feed rotate feed root --keys keys --public-key alice.pub --public-key bob.pub --threshold 2
  sluis feed rotate feed targets --replace 3f2a9c --keys keys

Exchanges all keys of a role, or the one that --replace names, for new ones. The new root is signed by the old root keys and \
the new; a delegated role's keys are listed by who delegates to it. What the role had signed is signed anew, by its old keys, \
too, where they are at hand: so nobody is refused meanwhile. It is published at once when all signatures are there, else \
staged. In place of a key that lies among --keys a new one is made in the same folder, encrypted or not as that was; in place of \
one that somebody else keeps, give --public-key or --new-keys. With a new timestamp or snapshot key, phones forget the \
versions and times that the old one signed.

Exit codes: 0 published or staged, 2 the feed or a key can't be used.";

pub(super) const REVOKE_HELP: &str = "\
Examples:
  sluis feed revoke /srv/feed stolen.pub --keys /media/usb/feed-keys --keys /etc/sluis/keys
  sluis feed revoke feed 3f2a9c41 --new-keys 0 --keys keys

Takes a key out of every role that lists it and signs anew what it had signed. In place of a key that lies among --keys a new \
one is made in the same folder (unless --new-keys 0); in place of one that somebody else keeps, give --public-key or \
--new-keys if there are too few without it. KEY is a public key in PEM or the first digits of an id that `sluis feed status` shows. A key that can sign nothing \
any more is of no use to a thief as soon as phones have the new root.

Exit codes: 0 published or staged, 2 the feed or a key can't be used.";

pub(super) const RENEW_HELP: &str = "\
Example:
  sluis feed renew /srv/feed --keys /media/usb/feed-keys

A new version of the root, with the same keys and a new date of expiry.

Exit codes: 0 published or staged, 2 the feed or a key can't be used.";

#[derive(Debug, Args)]
pub(super) struct Rotate {
    /// The feed's folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The role: root, targets, snapshot, timestamp or a delegated one.
    #[arg(value_name = "ROLE")]
    role: String,
    /// Exchange only this key: a public key, or the first digits of its id.
    #[arg(long, value_name = "KEY")]
    replace: Option<String>,
    /// How many keys must sign from now on, if not as before.
    #[arg(long, value_name = "N")]
    threshold: Option<u64>,
    #[command(flatten)]
    new: NewKeys,
    #[command(flatten)]
    rest: Rest,
}

#[derive(Debug, Args)]
pub(super) struct Revoke {
    /// The feed's folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The key: a public key, or the first digits of its id.
    #[arg(value_name = "KEY")]
    key: String,
    #[command(flatten)]
    new: NewKeys,
    #[command(flatten)]
    rest: Rest,
}

#[derive(Debug, Args)]
pub(super) struct Renew {
    /// The feed's folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    rest: Rest,
}

#[derive(Debug, Args)]
struct Rest {
    #[command(flatten)]
    keys: Keys,
    /// Days until the new root expires, if not as before.
    #[arg(long, value_name = "DAYS", value_parser = options::days)]
    expires_root: Option<i64>,
    /// Show what would be signed, and stop. No key is made: new ones are shown with ids of the moment.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    pause: Pause,
    #[command(flatten)]
    clock: Clock,
}

pub(super) fn rotate(arguments: &Rotate) -> Result<(), Failure> {
    let (role, rest) = (arguments.role.as_str(), &arguments.rest);
    let mut work = Work::begin(&arguments.folder, rest)?;
    let place = work.place(role)?;
    let holders = work.holders(&place, role)?;
    let removed = match &arguments.replace {
        None => holders.key_ids.clone(),
        Some(key) => vec![find(key, &holders.key_ids)?],
    };
    work.exchange(&place, role, &removed, &arguments.new, arguments.threshold)?;
    work.finish()
}

pub(super) fn revoke(arguments: &Revoke) -> Result<(), Failure> {
    let mut work = Work::begin(&arguments.folder, &arguments.rest)?;
    let mut found = Vec::new();
    let mut all = Vec::new();
    for (place, role) in work.places()? {
        let ids = work.holders(&place, &role)?.key_ids;
        all.extend(ids.iter().cloned());
        found.push((place, role, ids));
    }
    let key = find(&arguments.key, &all)?;
    for (place, role, _) in found.into_iter().filter(|(_, _, ids)| ids.contains(&key)) {
        work.exchange(&place, &role, std::slice::from_ref(&key), &arguments.new, None)?;
    }
    work.finish()
}

pub(super) fn renew(arguments: &Renew) -> Result<(), Failure> {
    let mut work = Work::begin(&arguments.folder, &arguments.rest)?;
    work.edit(ROOT)?;
    work.finish()
}

struct Work<'a> {
    desk: Desk,
    ring: KeyRing,
    rest: &'a Rest,
    now: i64,
}

impl<'a> Work<'a> {
    fn begin(folder: &Path, rest: &'a Rest) -> Result<Self, Failure> {
        Ok(Self {
            desk: Desk::open(folder)?,
            ring: rest.keys.ring()?,
            rest,
            now: rest.clock.now()?,
        })
    }

    /// The role in whose metadata the keys of `role` are listed.
    fn place(&self, role: &str) -> Result<String, Failure> {
        let places = self.places()?;
        let found = places.into_iter().find(|(_, listed)| listed == role);
        found.map(|(place, _)| place).ok_or_else(|| {
            let delegated = shown(&self.desk.delegated().join(", "));
            Failure::unusable(format!(
                "{role} is not a role of this feed; it has {}, {delegated}",
                TOP_LEVEL.join(", ")
            ))
        })
    }

    /// All roles, each with the one in whose metadata its keys are listed.
    fn places(&self) -> Result<Vec<(String, String)>, Failure> {
        let mut places = Vec::new();
        for draft in [self.desk.root()?]
            .into_iter()
            .chain(self.desk.view()?.targets().iter().copied())
        {
            let roles = keyholders::roles(draft).into_iter();
            places.extend(roles.map(|role| (draft.role().to_owned(), role)));
        }
        Ok(places)
    }

    fn holders(&self, place: &str, role: &str) -> Result<Holders, Failure> {
        let found = self.desk.get(place).and_then(|draft| Holders::of(draft, role));
        found.ok_or_else(|| Failure::unusable(format!("{place} lists no keys for {role}")))
    }

    /// A role's next version, to be changed.
    fn edit(&mut self, role: &str) -> Result<&mut Draft, Failure> {
        let days = self.rest.expires_root.filter(|_| role == ROOT);
        let expires = self.desk.expiry(role, days, self.now)?;
        self.desk.edit(role, expires)
    }

    /// Lists new keys in place of others, and has anew signed what those signed.
    fn exchange(
        &mut self,
        place: &str,
        role: &str,
        removed: &[String],
        new: &NewKeys,
        threshold: Option<u64>,
    ) -> Result<(), Failure> {
        let mut holders = self.holders(place, role)?;
        holders.key_ids.retain(|id| !removed.contains(id));
        holders.threshold = threshold.unwrap_or(holders.threshold);
        let replaced = self.public_keys(place, role, removed);
        // In place of a key that others keep we make none, or we would have their say.
        let ours = replaced.iter().filter(|key| self.ring.path_of(key).is_some());
        let number = ours.count();
        // Before a key is made.
        holders.check(role, new.count(number))?;
        let need = Need {
            role,
            number,
            replaced: &replaced,
        };
        let dry_run = self.rest.dry_run;
        let keys = new.keys(&self.desk, &mut self.ring, &self.rest.keys, &need, dry_run)?;
        for key in &keys {
            if removed.iter().chain(&holders.key_ids).any(|id| id == key.id()) {
                let key = short(key.id());
                return Err(Failure::unusable(format!("key {key} is one of {role} already")));
            }
            holders.key_ids.push(key.id().to_owned());
        }
        keyholders::set(self.edit(place)?, role, &holders, &keys)?;
        // Snapshot and timestamp are made anew when their keys are others.
        if is_targets(role) && self.desk.get(role).is_some() {
            self.edit(role)?;
        }
        for path in replaced.iter().filter_map(|key| self.ring.path_of(key)) {
            output::print(&format!(
                "{} holds a key that {role} no longer has: keep it until this is published, then destroy it.",
                path.display()
            ))?;
        }
        Ok(())
    }

    /// The keys of these ids.
    fn public_keys(&self, place: &str, role: &str, ids: &[String]) -> Vec<PublicKey> {
        let place = self.desk.get(place);
        let authority = place.and_then(|draft| Authority::in_draft(draft, role));
        let authority = authority.unwrap_or_default();
        let keys = authority.keys().iter();
        keys.filter(|key| ids.iter().any(|id| id == key.id()))
            .cloned()
            .collect()
    }

    fn finish(mut self) -> Result<(), Failure> {
        let terms = Terms {
            clock_is_right: self.rest.pause.clock_is_right,
            ..Terms::at(self.now)
        };
        publish::stage_or_publish(&mut self.desk, &mut self.ring, terms, self.rest.dry_run)
    }
}

/// The id that somebody means by a file or by its first digits.
fn find(key: &str, ids: &[String]) -> Result<String, Failure> {
    let wanted = match Path::new(key).is_file() {
        true => PublicKey::load(Path::new(key))?.id().to_owned(),
        false => key.to_lowercase(),
    };
    let mut found: Vec<&String> = ids.iter().filter(|id| id.starts_with(&wanted)).collect();
    found.sort();
    found.dedup();
    match found.as_slice() {
        [id] => Ok((*id).clone()),
        [] => Err(Failure::unusable(format!(
            "{key}: no role has this key; `sluis feed status` shows those that there are"
        ))),
        _ => Err(Failure::unusable(format!(
            "{key}: {} keys begin like this; give more digits",
            found.len()
        ))),
    }
}
