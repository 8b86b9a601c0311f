//! From what is staged to what readers see: all of it that is signed, with a snapshot and a timestamp that list it.

use super::authority::View;
use super::desk::{Desk, is_targets};
use super::document::{self, Faulty, Sources};
use super::keys::KeyRing;
use super::metadata::{Draft, ROOT, SNAPSHOT, TARGETS, TIMESTAMP};
use super::online::{self, Terms};
use super::waiting::{self, Waiting};
use super::{repository, target, verification};
use crate::failure::Failure;
use crate::progress;

/// What came of it.
#[derive(Debug)]
pub(super) enum Progress {
    Published(Done),
    /// Signatures are missing; what there is, is staged.
    Waiting(Left),
}

/// Staged roles that are left behind.
#[derive(Debug, Default)]
pub(super) struct Left {
    /// Others must sign them first.
    pub(super) waiting: Vec<Waiting>,
    /// Somebody must decide about their policy first.
    pub(super) faulty: Vec<Faulty>,
}

/// What was published.
#[derive(Debug)]
pub(super) struct Done {
    /// The roles and their new versions.
    pub(super) roles: Vec<(String, u64)>,
    pub(super) left: Left,
}

/// The staged roles that can be published now. What is not signed by all who must stays behind, what has a faulty policy,
/// too, and with it whoever says that others sign for it from now on; the rest goes.
pub(super) fn ready(desk: &Desk, terms: Terms) -> Result<Vec<String>, Failure> {
    choose(desk, &faulty(desk, terms)?)
}

fn faulty(desk: &Desk, terms: Terms) -> Result<Vec<Faulty>, Failure> {
    let mut faulty = document::faulty(desk, &Sources::new())?;
    faulty.retain(|faulty| !faulty.can_be_read || !terms.with_errors);
    Ok(faulty)
}

fn choose(desk: &Desk, faulty: &[Faulty]) -> Result<Vec<String>, Failure> {
    let mut chosen: Vec<String> = waiting::offline(desk)
        .map(|draft| draft.role().to_owned())
        .filter(|role| faulty.iter().all(|faulty| faulty.role != *role))
        .collect();
    while let Some(refused) = refused(desk, &chosen)? {
        let before = chosen.len();
        chosen.retain(|role| *role != refused);
        if chosen.len() == before {
            // Not its own fault: then it is that of those who say who signs it.
            chosen.retain(|role| !decides(desk, role, &refused));
        }
        if chosen.len() == before {
            return Ok(Vec::new());
        }
    }
    Ok(chosen)
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
        // What nobody delegates to was listed once and is read by nobody; it is not published anew.
        let unknown = is_chosen(draft.role()) && view.authorities(draft.role()).is_empty();
        if unknown || !view.vouches_for(draft)? {
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

/// Whether a staged role says who signs for another.
fn decides(desk: &Desk, role: &str, other: &str) -> bool {
    if other == ROOT || other == TARGETS {
        return role == ROOT;
    }
    let staged = desk.get_staged(role).map(target::delegations).unwrap_or_default();
    staged.iter().any(|name| name == other)
}

/// Signs what is still to be signed, has a phone's own client look at the whole, and publishes it.
pub(super) fn publish(desk: &mut Desk, ring: &mut KeyRing, terms: Terms) -> Result<Progress, Failure> {
    let faulty = faulty(desk, terms)?;
    let chosen = choose(desk, &faulty)?;
    let mut left = Left {
        waiting: Waiting::all(desk)?,
        faulty,
    };
    let online = online::wanted(desk, &chosen, terms)?;
    if chosen.is_empty() && online.is_empty() {
        desk.save()?;
        return Ok(Progress::Waiting(left));
    }
    let roles: Vec<&str> = chosen.iter().map(String::as_str).collect();
    waiting::refuse_nameless_keys(desk, &roles)?;
    let staged = chosen.iter().filter_map(|role| desk.get_staged(role));
    let mut drafts: Vec<Draft> = staged.cloned().collect();
    document::refuse_unreadable_in(desk, &drafts)?;
    if !online.is_empty() {
        online::check_clock(desk, &chosen, terms)?;
    }
    for role in online {
        let mut draft = online::draft(desk, role, &drafts, terms)?;
        let (keys, authorities) = {
            let view = desk.view_with(&|role| chosen.iter().any(|name| name == role))?;
            (waiting::useful_keys(desk, &view, role)?, view.authorities(role))
        };
        waiting::sign(&mut draft, &keys, ring)?;
        if let Some(waits) = Waiting::of(&draft, &authorities)? {
            desk.stage(draft);
            desk.save()?;
            left.waiting.push(waits);
            return Ok(Progress::Waiting(left));
        }
        drafts.push(draft);
    }
    let paths = order(desk, &drafts)?;
    progress::show("looking at it as a phone does");
    verification::verify(desk, &drafts, terms.now)?;
    for draft in &drafts {
        desk.stage(draft.clone());
    }
    desk.save()?;
    desk.staging.publish(&paths)?;
    let roles = drafts
        .iter()
        .map(|draft| (draft.role().to_owned(), draft.version()));
    let roles = roles.collect();
    left.waiting.retain(|waiting| !chosen.contains(&waiting.role));
    Ok(Progress::Published(Done { roles, left }))
}

/// The new files in the order in which they are written: nothing refers to a file that is not there yet.
fn order(desk: &Desk, drafts: &[Draft]) -> Result<Vec<String>, Failure> {
    let mut paths = Vec::new();
    for draft in drafts.iter().filter(|draft| is_targets(draft.role())) {
        for file in target::listed(draft) {
            desk.read_listed(draft, &file)?;
            // What is there already stays as it is, unless it was damaged.
            let there = repository::read(&desk.folder, &file.path).unwrap_or_default();
            if !there.is_some_and(|bytes| file.is(&bytes)) {
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
