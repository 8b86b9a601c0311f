//! What commands say: what is going to be signed and by whom, what was published, and who must still sign.

use std::fmt::Write as _;
use std::path::Path;

use sluis_core::feed::rfc3339;

use super::authority::{Authority, View};
use super::desk::{Desk, is_targets};
use super::keys::{KeyRing, short};
use super::metadata::{Draft, ROOT, TARGETS, TOP_LEVEL};
use super::online::{self, Terms};
use super::publication::Done;
use super::staging;
use super::target::{self, Listed};
use super::waiting::{self, Waiting};
use crate::failure::Failure;
use crate::output;

/// What people decide about and is going to be signed, before it is.
pub(super) fn plan(desk: &Desk, ring: &KeyRing) -> Result<Vec<String>, Failure> {
    let mut lines = Vec::new();
    let view = desk.view()?;
    for draft in waiting::offline(desk) {
        let role = draft.role();
        let signers = match Waiting::of(draft, &view.authorities(role))? {
            None => "signed already by all who must".to_owned(),
            Some(_) => signers(desk, ring, &view, role)?,
        };
        let (version, expires) = (draft.version(), rfc3339::format(draft.expires()));
        lines.push(format!("{role} version {version}, until {expires}, {signers}"));
        let before = desk.get_published(role);
        lines.extend(changed_files(before, draft));
        lines.extend(changed_keys(before, draft));
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

fn changed_files(before: Option<&Draft>, draft: &Draft) -> Vec<String> {
    let before = before.map(target::listed).unwrap_or_default();
    let now = target::listed(draft);
    let find = |files: &[Listed], name: &str| files.iter().find(|file| file.name == name).cloned();
    let mut lines = Vec::new();
    for file in &now {
        let sign = match find(&before, &file.name) {
            None => "+",
            Some(old) if old != *file => "~",
            Some(_) => continue,
        };
        lines.push(format!("  {sign} {} ({} bytes)", file.name, file.length));
    }
    for file in before.iter().filter(|file| find(&now, &file.name).is_none()) {
        lines.push(format!("  - {}", file.name));
    }
    lines
}

/// Which keys come and go, for the roles that this metadata decides about.
fn changed_keys(before: Option<&Draft>, draft: &Draft) -> Vec<String> {
    let roles: Vec<String> = match draft.role() {
        ROOT => TOP_LEVEL.iter().map(|role| (*role).to_owned()).collect(),
        _ => before
            .into_iter()
            .chain([draft])
            .flat_map(target::delegations)
            .collect(),
    };
    let authority = |draft: &Draft, role: &str| match draft.role() {
        ROOT => Some(Authority::in_root(draft, role)),
        _ => Authority::in_targets(draft, role),
    };
    let mut lines: Vec<String> = Vec::new();
    for role in roles {
        let old = before
            .and_then(|draft| authority(draft, &role))
            .unwrap_or_default();
        let new = authority(draft, &role).unwrap_or_default();
        let mut changes = Vec::new();
        let not_in = |keys: &Authority, other: &Authority| -> Vec<String> {
            let keys = keys
                .keys()
                .iter()
                .filter(|key| !other.keys().iter().any(|k| k.is(key)));
            keys.map(|key| short(key.id())).collect()
        };
        changes.extend(not_in(&new, &old).iter().map(|id| format!("+ key {id}")));
        changes.extend(not_in(&old, &new).iter().map(|id| format!("- key {id}")));
        if old.threshold() != new.threshold() {
            changes.push(format!("{} must sign", new.threshold()));
        }
        let line = format!("  {role}: {}", changes.join(", "));
        if !changes.is_empty() && !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

/// Who must still sign, one line a role.
pub(super) fn waiting(waiting: &[Waiting], folder: &Path) -> String {
    let mut text = String::new();
    for role in waiting {
        for missing in &role.missing {
            let keys: Vec<String> = missing.by.iter().map(|key| short(key.id())).collect();
            let _ = writeln!(
                text,
                "{} version {}: {} of {} signatures; who can still sign: {}",
                role.role,
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
        .map(|(role, version)| format!("{role} version {version}"))
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
