//! What commands say: what is going to be signed and by whom, what was published, and who must still sign.

use std::fmt::Write as _;
use std::path::Path;

use sluis_core::feed::rfc3339;

use super::authority::View;
use super::changes::changes;
use super::desk::{Desk, is_targets};
use super::document::Faulty;
use super::keys::{KeyRing, PublicKey};
use super::metadata::{Draft, ROOT, TARGETS};
use super::online::{self, Terms};
use super::publication::{Done, Left};
use super::staging;
use super::waiting::{self, Waiting};
use crate::failure::Failure;
use crate::output::{self, shown, shown_lines};

/// What people decide about and is going to be signed, before it is.
pub(super) fn plan(desk: &Desk, ring: &KeyRing) -> Result<Vec<String>, Failure> {
    let roles: Vec<&str> = waiting::offline(desk).map(Draft::role).collect();
    plan_of(desk, Some(ring), &roles)
}

/// What these staged roles say otherwise than what is published, and who signs where it is signed here. First, which feed
/// that is: whoever hands over both folders could have put another in its place, to which the same changes look small.
pub(super) fn plan_of(desk: &Desk, ring: Option<&KeyRing>, roles: &[&str]) -> Result<Vec<String>, Failure> {
    let mut lines = Vec::new();
    let view = desk.view()?;
    for draft in desk.staged().filter(|draft| roles.contains(&draft.role())) {
        let role = draft.role();
        let mut line = format!(
            "{} version {}, until {}",
            shown(role),
            draft.version(),
            rfc3339::format(draft.expires())
        );
        if let Some(ring) = ring {
            line.push_str(", ");
            line.push_str(&match Waiting::of(draft, &view.authorities(role))? {
                None => "signed already by all who must".to_owned(),
                Some(_) => signers(desk, ring, &view, role)?,
            });
        }
        lines.push(line);
        lines.extend(changes(desk.get_published(role), draft));
    }
    if let (false, Some(published)) = (lines.is_empty(), &desk.published) {
        let first = format!("What changes in the feed that phones trust by {}:", published.pin);
        lines.insert(0, first);
    }
    Ok(lines)
}

/// The snapshot and timestamp that go with these staged roles, before they are made.
pub(super) fn plan_online(
    desk: &Desk,
    ring: &KeyRing,
    chosen: &[String],
    terms: Terms,
) -> Result<Vec<String>, Failure> {
    let mut lines = Vec::new();
    for role in online::wanted(desk, chosen, terms)? {
        let version = desk
            .get_published(role)
            .map_or(1, |published| published.version() + 1);
        let expires = rfc3339::format(online::expiry(desk, role, terms)?);
        let view = desk.view_with(&|role| chosen.iter().any(|name| name == role))?;
        let signers = signers(desk, ring, &view, role)?;
        lines.push(format!("{role} version {version}, until {expires}, {signers}"));
    }
    Ok(lines)
}

/// Which of the keys at hand will sign for a role.
fn signers(desk: &Desk, ring: &KeyRing, view: &View<'_>, role: &str) -> Result<String, Failure> {
    let keys = waiting::useful_keys(desk, view, role)?;
    let paths = keys.iter().filter_map(|key| ring.path_of(key));
    let mut files: Vec<String> = paths.map(|path| path.display().to_string()).collect();
    if ring.has_unknown() {
        files.push("keys that have yet to be opened".into());
    }
    Ok(match files.is_empty() {
        true => "to be signed by others: no key for it is at hand".to_owned(),
        false => format!("signed with {}", files.join(", ")),
    })
}

/// What stays staged, and why.
pub(super) fn left(left: &Left, folder: &Path) -> String {
    let mut parts: Vec<String> = left.faulty.iter().map(|role| faulty(role, folder)).collect();
    if !left.waiting.is_empty() {
        parts.push(waiting(&left.waiting, folder));
    }
    parts.join("\n")
}

/// A role that is left behind for its files' sake.
pub(super) fn faulty(role: &Faulty, folder: &Path) -> String {
    let (staged, errors) = (shown(&role.role), shown_lines(&role.errors.join("\n")));
    let cure = match role.can_be_read {
        true => format!(
            "`sluis feed publish {} --force` publishes it nevertheless",
            folder.display()
        ),
        false => "No phone would take it: add another".to_owned(),
    };
    format!(
        "{staged} version {} is left behind, since not all that it lists is in order:\n{errors}\n{cure}",
        role.version
    )
}

/// Who must still sign, one line a role.
pub(super) fn waiting(waiting: &[Waiting], folder: &Path) -> String {
    let mut text = String::new();
    for role in waiting {
        for missing in &role.missing {
            let keys: Vec<String> = missing.by.iter().map(PublicKey::name).collect();
            let _ = writeln!(
                text,
                "{} version {}: {} of {} signatures; who can still sign: {}",
                shown(&role.role),
                role.version,
                missing.signed,
                missing.threshold,
                if keys.is_empty() {
                    "nobody, there are too few keys".to_owned()
                } else {
                    keys.join(", ")
                },
            );
        }
    }
    let (staged, folder) = (staging::folder_of(folder), folder.display());
    let _ = write!(
        text,
        "It is staged in {}. To add a signature: `sluis feed sign {folder} --keys KEYS`, or `payload` and `attach`; \
         then `sluis feed publish {folder} --keys KEYS`",
        staged.display()
    );
    text
}

/// One line on what was published, and until when it is good.
pub(super) fn done(desk: &Desk, done: &Done) -> String {
    let folder = desk.folder.display();
    let version = |wanted: &str| {
        done.roles
            .iter()
            .find(|(role, _)| role == wanted)
            .map(|(_, version)| *version)
    };
    let others: Vec<String> = done
        .roles
        .iter()
        .filter(|(role, _)| is_targets(role) && role != TARGETS || role == ROOT)
        .map(|(role, version)| format!("{} version {version}", shown(role)))
        .collect();
    let what = match (version(TARGETS), others.is_empty()) {
        (Some(version), true) => format!("Version {version} was published in {folder}"),
        (Some(version), false) => format!(
            "Version {version} was published in {folder}, and {}",
            others.join(", ")
        ),
        (None, false) => format!("Published in {folder}: {}", others.join(", ")),
        (None, true) => format!("{folder} was refreshed"),
    };
    match first_expiry(desk, done) {
        Some((role, expires)) => format!("{what}; {} before {}.", advice(&role), rfc3339::format(expires)),
        None => format!("{what}."),
    }
}

/// What expires first now, and when.
pub(super) fn first_expiry(desk: &Desk, done: &Done) -> Option<(String, i64)> {
    let published = desk
        .published
        .iter()
        .flat_map(|published| published.others.keys());
    let roles = published.map(String::as_str).chain([ROOT]);
    let roles = roles.chain(done.roles.iter().map(|(role, _)| role.as_str()));
    let expiries = roles.filter_map(|role| {
        let is_new = done.roles.iter().any(|(new, _)| new == role);
        let draft = if is_new {
            desk.get_staged(role)
        } else {
            desk.get_published(role)
        };
        Some((role.to_owned(), draft?.expires()))
    });
    expiries.min_by_key(|(_, expires)| *expires)
}

fn advice(role: &str) -> &'static str {
    match role {
        ROOT => "renew the root",
        role if is_targets(role) => "publish again",
        _ => "refresh it",
    }
}

/// Warns when the root expires first: refreshing does not help against that.
pub(super) fn warn_of_root(desk: &Desk, done: &Done) {
    if let Some((role, expires)) = first_expiry(desk, done)
        && role == ROOT
    {
        output::warn(format_args!(
            "the root expires first: phones take no news from this feed after {}. Renew it in time: `sluis feed renew {} \
             --keys KEYS`",
            rfc3339::format(expires),
            desk.folder.display()
        ));
    }
}
