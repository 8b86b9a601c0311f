//! From what is staged to what readers see: all of it that is signed, with a snapshot and a timestamp that list it.

use serde_json::{Value, json};
use sluis_core::feed::rfc3339;

use super::authority::{Authority, View};
use super::desk::{Desk, is_targets};
use super::keys::{KeyRing, PublicKey};
use super::metadata::{self, Draft, ROOT, SNAPSHOT, TARGETS, TIMESTAMP};
use super::waiting::{self, Waiting};
use super::{target, verification};
use crate::failure::Failure;

/// Signed issue times, from which phones learn the time.
const ISSUED: &str = "x-sluis-issued";
/// After this many days without a publication somebody has to say that the clock is right: a time that phones once
/// learnt they never unlearn, but by a new timestamp key.
const LONGEST_PAUSE_DAYS: i64 = 400;
const SECONDS_IN_DAY: i64 = 86_400;

/// How to publish.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    /// Seconds since 1970.
    pub(super) now: i64,
    /// Days for which the new snapshot and timestamp hold, where somebody says so now.
    pub(super) snapshot_days: Option<i64>,
    pub(super) timestamp_days: Option<i64>,
    /// Also when nothing that is staged asks for it.
    pub(super) new_timestamp: bool,
    /// The clock is right, however long the feed has rested.
    pub(super) clock_is_right: bool,
}

impl Terms {
    /// As the feed says, at this time.
    pub(super) fn at(now: i64) -> Self {
        Self {
            now,
            snapshot_days: None,
            timestamp_days: None,
            new_timestamp: false,
            clock_is_right: false,
        }
    }
}

/// What came of it.
#[derive(Debug)]
pub(super) enum Progress {
    Published(Done),
    /// Signatures are missing; what there is, is staged.
    Waiting(Vec<Waiting>),
}

/// What was published.
#[derive(Debug)]
pub(super) struct Done {
    /// The roles and their new versions, in the order in which they were written.
    pub(super) roles: Vec<(String, u64)>,
    /// Staged roles that were left behind, since others must sign them first.
    pub(super) left: Vec<Waiting>,
}

/// The staged roles that can be published now. The root, the targets and those that they newly delegate to go together
/// or not at all; a delegated role that needs none of the others goes alone.
pub(super) fn ready(desk: &Desk) -> Result<Vec<String>, Failure> {
    let mut chosen: Vec<String> = waiting::offline(desk)
        .map(|draft| draft.role().to_owned())
        .collect();
    loop {
        let Some(refused) = refused(desk, &chosen)? else {
            return Ok(chosen);
        };
        let before = chosen.len();
        if is_targets(&refused) && refused != TARGETS && desk.get_published(&refused).is_some() {
            chosen.retain(|role| *role != refused);
        }
        // Not its own fault: then it is that of those who say who signs it.
        if chosen.len() == before {
            chosen.retain(|role| !decides(desk, role, &refused));
        }
        if chosen.len() == before {
            return Ok(Vec::new());
        }
    }
}

/// A role that would not verify if these were published.
fn refused(desk: &Desk, chosen: &[String]) -> Result<Option<String>, Failure> {
    let is_chosen = |role: &str| chosen.iter().any(|name| name == role);
    let Ok(view) = desk.view_with(&is_chosen) else {
        return Ok((!chosen.is_empty()).then(|| ROOT.to_owned()));
    };
    if is_chosen(ROOT)
        && let Some(root) = desk.get_staged(ROOT)
        && !view.vouches_for(root)?
    {
        return Ok(Some(ROOT.to_owned()));
    }
    for draft in view.targets() {
        if !view.vouches_for(draft)? {
            return Ok(Some(draft.role().to_owned()));
        }
        for role in target::delegations(draft) {
            if !view.targets().iter().any(|draft| draft.role() == role) {
                return Ok(Some(role));
            }
        }
    }
    Ok(None)
}

/// Whether a staged role has a say in who signs for another, or is that other.
fn decides(desk: &Desk, role: &str, other: &str) -> bool {
    role == other
        || role == ROOT
        || role == TARGETS
        || desk
            .get_staged(role)
            .is_some_and(|draft| target::delegations(draft).iter().any(|name| name == other))
}

/// Signs what is still to be signed, has a phone's own client look at the whole, and publishes it.
pub(super) fn publish(desk: &mut Desk, ring: &mut KeyRing, terms: Terms) -> Result<Progress, Failure> {
    let chosen = ready(desk)?;
    let left = Waiting::all(desk)?;
    let online = match chosen.is_empty() && desk.published.is_none() {
        true => None,
        false => online(desk, &chosen, terms)?,
    };
    if chosen.is_empty() && online.is_none() {
        desk.save()?;
        return Ok(Progress::Waiting(left));
    }
    let online = online.unwrap_or_default();
    let mut drafts: Vec<Draft> = chosen
        .iter()
        .filter_map(|role| desk.get_staged(role))
        .cloned()
        .collect();
    if online.timestamp {
        check_clock(desk, &chosen, terms)?;
        for role in [SNAPSHOT, TIMESTAMP] {
            if role == SNAPSHOT && !online.snapshot {
                continue;
            }
            let mut draft = if role == SNAPSHOT {
                snapshot(desk, &drafts, terms)?
            } else {
                timestamp(desk, &drafts, terms)?
            };
            let (keys, authorities) = {
                let view = desk.view_with(&|role| chosen.iter().any(|name| name == role))?;
                (waiting::useful_keys(desk, &view, role)?, view.authorities(role))
            };
            waiting::sign(&mut draft, &keys, ring)?;
            if let Some(waits) = Waiting::of(&draft, &authorities)? {
                desk.stage(draft);
                desk.save()?;
                return Ok(Progress::Waiting(left.into_iter().chain([waits]).collect()));
            }
            drafts.push(draft);
        }
    }
    let paths = order(desk, &drafts)?;
    verification::verify(desk, &drafts, terms.now)?;
    for draft in &drafts {
        desk.stage(draft.clone());
    }
    desk.save()?;
    desk.staging.publish(&paths)?;
    let mut roles: Vec<(String, u64)> = drafts
        .iter()
        .map(|draft| (draft.role().to_owned(), draft.version()))
        .collect();
    roles.sort_by_key(|(role, _)| {
        paths
            .iter()
            .position(|path| path.ends_with(&format!("{role}.json")))
    });
    Ok(Progress::Published(Done {
        roles,
        left: left
            .into_iter()
            .filter(|waiting| !chosen.contains(&waiting.role))
            .collect(),
    }))
}

/// The roles that [`publish`] would give a new version.
pub(super) fn roles(desk: &Desk, terms: Terms) -> Result<Vec<String>, Failure> {
    let mut roles = ready(desk)?;
    if let Some(online) = online(desk, &roles, terms)? {
        roles.extend(online.snapshot.then(|| SNAPSHOT.to_owned()));
        roles.extend(online.timestamp.then(|| TIMESTAMP.to_owned()));
    }
    Ok(roles)
}

/// Which of the online roles get a new version.
#[derive(Debug, Default)]
struct Online {
    snapshot: bool,
    timestamp: bool,
}

/// `None` where neither is asked for.
fn online(desk: &Desk, chosen: &[String], terms: Terms) -> Result<Option<Online>, Failure> {
    let view = desk.view_with(&|role| chosen.iter().any(|name| name == role))?;
    if view.targets().is_empty() {
        return Ok(None);
    }
    let targets = chosen.iter().any(|role| is_targets(role));
    let snapshot_keys = is_outdated(desk, &view, SNAPSHOT)?;
    let timestamp = targets || snapshot_keys || terms.new_timestamp || is_outdated(desk, &view, TIMESTAMP)?;
    // A timestamp does not outlive what it points to.
    let timestamp_expires = desk.expiry(TIMESTAMP, terms.timestamp_days, terms.now)?;
    let expires_first = desk
        .get_published(SNAPSHOT)
        .is_none_or(|snapshot| snapshot.expires() < timestamp_expires);
    let snapshot = targets || snapshot_keys || expires_first;
    Ok(timestamp.then_some(Online { snapshot, timestamp }))
}

/// Whether a role has to sign anew since its keys are others: one of them may not sign any more.
fn is_outdated(desk: &Desk, view: &View<'_>, role: &str) -> Result<bool, Failure> {
    let (Some(draft), Some(_)) = (desk.get_published(role), &desk.published) else {
        return Ok(true);
    };
    let before = desk.view_with(&|_| false)?.authorities(role);
    let now = view.authorities(role);
    let kept = |key: &PublicKey| now.iter().flat_map(Authority::keys).any(|other| other.is(key));
    Ok(!view.vouches_for(draft)? || !before.iter().flat_map(Authority::keys).all(kept))
}

fn snapshot(desk: &Desk, chosen: &[Draft], terms: Terms) -> Result<Draft, Failure> {
    let mut meta = desk
        .get_published(SNAPSHOT)
        .map(|snapshot| snapshot.object("meta"))
        .unwrap_or_default();
    for draft in chosen.iter().filter(|draft| is_targets(draft.role())) {
        meta.insert(format!("{}.json", draft.role()), metadata::listing(draft)?);
    }
    let expires = desk.expiry(SNAPSHOT, terms.snapshot_days, terms.now)?;
    Ok(next_list(desk, SNAPSHOT, meta.into(), expires, terms))
}

fn timestamp(desk: &Desk, chosen: &[Draft], terms: Terms) -> Result<Draft, Failure> {
    let snapshot = chosen.iter().find(|draft| draft.role() == SNAPSHOT);
    let snapshot = snapshot.or_else(|| desk.get_published(SNAPSHOT));
    let snapshot = snapshot.ok_or_else(|| Failure::file(&desk.folder, "there is no snapshot to point to"))?;
    let meta = json!({ "snapshot.json": metadata::listing(snapshot)? });
    let expires = desk.expiry(TIMESTAMP, terms.timestamp_days, terms.now)?;
    let mut draft = next_list(desk, TIMESTAMP, meta, expires, terms);
    if draft
        .moment(ISSUED)
        .is_none_or(|issued| desk.get_staged(TIMESTAMP).is_none() || issued > terms.now)
    {
        draft.set(ISSUED, rfc3339::format(terms.now).into());
    }
    Ok(draft)
}

/// The next version of a list. One that is staged already and lists the same is kept, with its signatures.
fn next_list(desk: &Desk, role: &str, meta: Value, expires: i64, terms: Terms) -> Draft {
    if let Some(staged) = desk.get_staged(role)
        && staged.get("meta") == Some(&meta)
        && staged.expires() > terms.now
    {
        return staged.clone();
    }
    let published = desk.get_published(role).map(Draft::successor);
    let mut draft = published.unwrap_or_else(|| Draft::new(role, expires, []));
    draft.set("expires", rfc3339::format(expires).into());
    draft.set("meta", meta);
    draft
}

/// Phones refuse a timestamp that was issued before the last one, and believe one that is issued after it.
fn check_clock(desk: &Desk, chosen: &[String], terms: Terms) -> Result<(), Failure> {
    let Some(timestamp) = desk.get_published(TIMESTAMP) else {
        return Ok(());
    };
    // A new timestamp key clears what the old one said of the time (TUF 5.3.11).
    let view = desk.view_with(&|role| chosen.iter().any(|name| name == role))?;
    let last = if is_outdated(desk, &view, TIMESTAMP)? {
        None
    } else {
        timestamp.moment(ISSUED)
    };
    let Some(last) = last else { return Ok(()) };
    let (said, clock) = (rfc3339::format(last), rfc3339::format(terms.now));
    if last > terms.now {
        return Err(Failure::unusable(format!(
            "the feed was last published at {said}, but this machine's clock says {clock}: set the clock right. If it was \
             wrong then, exchange the timestamp key: `sluis feed rotate {} timestamp`",
            desk.folder.display()
        )));
    }
    if terms.now - last > LONGEST_PAUSE_DAYS * SECONDS_IN_DAY && !terms.clock_is_right {
        return Err(Failure::unusable(format!(
            "the feed was last published at {said}, and this machine's clock says {clock}. Phones learn the time from a \
             publication and never forget it: if the clock is right, say --force, else set it right"
        )));
    }
    Ok(())
}

/// The new files in the order in which they are written: nothing refers to a file that is not there yet.
fn order(desk: &Desk, drafts: &[Draft]) -> Result<Vec<String>, Failure> {
    let mut paths = Vec::new();
    for draft in drafts.iter().filter(|draft| is_targets(draft.role())) {
        for file in target::listed(draft) {
            // What is there already stays as it is: its name is its hash.
            let bytes = desk.read(&file.path)?.ok_or_else(|| {
                let problem = format!(
                    "{} lists this file, but it is not there: add it again",
                    draft.path()
                );
                Failure::file(&desk.folder.join(&file.path), problem)
            })?;
            if !file.is(&bytes) {
                let problem = format!("this file is not what {} lists: add it again", draft.path());
                return Err(Failure::file(&desk.folder.join(&file.path), problem));
            }
            if !desk.folder.join(&file.path).exists() {
                paths.push(file.path);
            }
        }
    }
    let path_of = |role: &str| drafts.iter().find(|draft| draft.role() == role).map(Draft::path);
    paths.extend(
        drafts
            .iter()
            .filter(|draft| is_targets(draft.role()))
            .map(Draft::path),
    );
    paths.extend(path_of(SNAPSHOT));
    // Where the old keys signed, too, the new root comes last, and nobody ever sees a timestamp that does not verify.
    // Else it comes first: who looks between these two writes is refused once, and tries again.
    if verifies_by_old_root(desk, drafts)? {
        paths.extend(path_of(TIMESTAMP));
        paths.extend(path_of(ROOT));
    } else {
        paths.extend(path_of(ROOT));
        paths.extend(path_of(TIMESTAMP));
    }
    paths.dedup();
    Ok(paths)
}

fn verifies_by_old_root(desk: &Desk, drafts: &[Draft]) -> Result<bool, Failure> {
    let Some(published) = &desk.published else {
        return Ok(false);
    };
    let staged = drafts.iter().filter(|draft| is_targets(draft.role()));
    let view = View::new(None, &published.root, staged.collect());
    for draft in drafts.iter().filter(|draft| draft.role() != ROOT) {
        if !view.vouches_for(draft)? {
            return Ok(false);
        }
    }
    Ok(true)
}
